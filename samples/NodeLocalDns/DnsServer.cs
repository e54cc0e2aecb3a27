using System.Text.RegularExpressions;
using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>A real DNS server in a pod: dnsmasq, which tells of every query.</summary>
internal sealed partial class DnsServer : IDisposable
{
    /// <summary>What each server answers with its own name.</summary>
    public const string WhoAreYou = "id.server.cluster.local";

    private readonly PodProcess _process;

    private DnsServer(PodProcess process) => _process = process;

    /// <summary>A server that knows names of the cluster.</summary>
    public static DnsServer StartCluster(NetworkNamespace network, string name, IEnumerable<KeyValuePair<string, string>> records) =>
        Start(network, name, ["--local=/cluster.local/", "--local-ttl=300", .. records.Select(static record => $"--host-record={record.Key},{record.Value}")]);

    /// <summary>A cache that asks another server for what it does not know.</summary>
    /// <param name="network">The network of the pod.</param>
    /// <param name="name">What it calls itself.</param>
    /// <param name="upstream">Whom it asks.</param>
    public static DnsServer StartCache(NetworkNamespace network, string name, string upstream) =>
        Start(network, name, [$"--server={upstream}", "--cache-size=1000"]);

    /// <summary>Waits for a query.</summary>
    /// <param name="name">What is asked for in it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The queries up to this one, in their order.</returns>
    public async Task<IReadOnlyList<ServedQuery>> QueriesUntilAsync(string name, CancellationToken stop)
    {
        await _process.WaitForAsync($"] {name} from ", stop);
        return
        [
            .. _process.Lines.Select(static line => QueryLine().Match(line)).Where(static match => match.Success)
                .Select(static match => new ServedQuery(match.Groups["name"].Value, match.Groups["client"].Value)),
        ];
    }

    /// <summary>Ends it by SIGKILL: what it has not answered yet it never will.</summary>
    public void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();

    private static DnsServer Start(NetworkNamespace network, string name, IEnumerable<string> arguments)
    {
        var program = PodProcess.Find("dnsmasq")
            ?? throw new SampleException("This needs a DNS server, dnsmasq, which is not installed. On Debian and Ubuntu: apt-get install dnsmasq-base");
        string[] common =
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
            "--log-facility=-", "--log-queries", $"--txt-record={WhoAreYou},{name}",
        ];
        return new(PodProcess.Start(network, program, [.. common, .. arguments], readyText: "started, version"));
    }

    [GeneratedRegex(@"query\[\w+\] (?<name>\S+) from (?<client>\S+)$")]
    private static partial Regex QueryLine();
}
