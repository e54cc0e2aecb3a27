using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>What a node-local cache does, query by query, and while it is replaced.</summary>
internal sealed class Tour(DnsNode node)
{
    public const int QueriesPerSecond = 500;

    private readonly Transcript _transcript = new();

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        var dig = PodProcess.Find("dig");
        IResolver resolver = dig is null ? new SocketResolver(node.ClientNetwork) : new Dig(dig, node.ClientNetwork);
        Transcript.Heading($"Pod checkout asks kube-dns, {(dig is null ? "by sockets of its own" : "by dig")}; policy nodelocaldns leads it to the cache on its node");
        foreach (var (transport, name) in Transport.All.Zip(DnsNode.Records.Keys))
            await ShowAsync(resolver, transport, name, stop);

        Transcript.Heading($"The cache is replaced while clients with connected UDP sockets send {QueriesPerSecond} queries a second");
        await ReplaceAsync(stop);
        await ShowWhoAsync(resolver, Transport.All[0], node.CacheName, stop);

        Transcript.Heading("The cache is gone, and none takes its place: the service's own pods answer");
        await node.StopCacheAsync(stop);
        foreach (var transport in Transport.All)
            await ShowWhoAsync(resolver, transport, DnsNode.ClusterName, stop);
        return _transcript.IsAsExpected;
    }

    private async Task ShowAsync(IResolver resolver, Transport transport, string name, CancellationToken stop)
    {
        await ShowWhoAsync(resolver, transport, node.CacheName, stop);
        var first = await resolver.AskAsync(transport, name, DnsMessage.TypeA, stop);
        var second = await resolver.AskAsync(transport, name, DnsMessage.TypeA, stop);
        var asked = await node.CountMissesAsync(name, resolver, stop);
        _transcript.Check(
            first == DnsNode.Records[name] && second == first && asked == 1,
            $"{name} is {first ?? "unknown"} and again {second ?? "unknown"}: the cache asked coredns {asked}x, through {Transport.ServiceV4} itself");
    }

    private async Task ShowWhoAsync(IResolver resolver, Transport transport, string expected, CancellationToken stop)
    {
        var who = await resolver.AskAsync(transport, DnsServer.WhoAreYou, DnsMessage.TypeTxt, stop);
        _transcript.Check(who == expected, $"{transport} is answered by {who ?? "nobody"}");
    }

    private async Task ReplaceAsync(CancellationToken stop)
    {
        using var load = new QueryLoad(node.ClientNetwork, [.. DnsNode.Records.Keys], QueriesPerSecond, stop);
        await load.SendMoreAsync(QueriesPerSecond / 2, stop);
        var inFlight = 0;
        await node.ReplaceCacheAsync(() => inFlight = load.InFlight, stop);
        await load.SendMoreAsync(QueriesPerSecond / 2, stop);
        var result = await load.EndAsync();
        Transcript.Show($"   the old cache got SIGKILL while {inFlight} queries were in flight");
        _transcript.Check(
            result.Lost <= inFlight && result.Answered + result.Lost == result.Sent && result.Reopened > 0,
            $"{result.Sent} queries sent, {result.Answered} answered, {result.Lost} lost; "
            + $"{result.Reopened} sockets were told and opened anew, {result.AskedAgain} queries asked again there");
    }
}
