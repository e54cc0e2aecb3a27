using System.CommandLine;
using System.Globalization;
using Datapath.Agent.Output;
using Datapath.Linux;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;

namespace Datapath.Agent.Commands;

/// <summary>The options of <c>monitor</c> that say which dials are shown.</summary>
internal static class MonitorFilter
{
    private static readonly Option<string[]> s_verdicts = MakeVerdicts();
    private static readonly Option<string?> s_protocol = MakeProtocol();

    private static readonly Option<string?> s_netns = new("--netns")
    {
        Description = "Only dials from a network namespace: its name below /run/netns, a path such as /proc/1234/ns/net, or its cookie.",
        HelpName = "NETNS",
    };

    private static readonly Option<string?> s_cgroup = new("--cgroup")
    {
        Description = "Only dials of processes in a cgroup and below it: its directory on cgroup v2, or its id.",
        HelpName = "CGROUP",
    };

    private static readonly Option<L4Address?> s_address = new("--address", "-a")
    {
        Description = "Only dials to a frontend as `lb list` shows it, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP.",
        HelpName = "ADDRESS",
        CustomParser = static result =>
        {
            if (L4Address.TryParse(result.Tokens[0].Value, null, out var address))
                return address;
            result.AddError($"--address: '{result.Tokens[0].Value}' must be ADDRESS:PORT/PROTOCOL, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP");
            return null;
        },
    };

    private static readonly Option<int> s_sample = MonitorNumber.Create("--sample", "Show one dial out of so many, at random.", static _ => 1);

    public static IEnumerable<Option> Options => [s_verdicts, s_protocol, s_netns, s_cgroup, s_address, s_sample];

    /// <exception cref="LinuxException">A network namespace or cgroup is not there.</exception>
    public static DialMonitorOptions Read(ParseResult arguments) => new()
    {
        Verdicts = [.. (arguments.GetValue(s_verdicts) ?? []).Select(static word => DialWords.Verdicts[word])],
        Protocol = arguments.GetValue(s_protocol) is { } protocol ? Enum.Parse<L4Protocol>(protocol, ignoreCase: true) : null,
        NetnsCookie = arguments.GetValue(s_netns) is { } netns ? CookieOf(netns) : null,
        CgroupId = arguments.GetValue(s_cgroup) is { } cgroup ? IdOf(cgroup) : null,
        Frontend = arguments.GetValue(s_address),
        Sample = arguments.GetValue(s_sample),
    };

    private static ulong CookieOf(string netns)
    {
        if (TryNumber(netns, out var cookie))
            return cookie;
        using var opened = netns.Contains('/', StringComparison.Ordinal) ? NetworkNamespace.Open(netns) : NetworkNamespace.OpenNamed(netns);
        return opened.Cookie;
    }

    private static ulong IdOf(string cgroup) => TryNumber(cgroup, out var id) ? id : Cgroup.Open(cgroup).Id;

    private static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private static Option<string[]> MakeVerdicts()
    {
        var option = new Option<string[]>("--verdict") { Description = "Only dials of this verdict; may be given several times.", AllowMultipleArgumentsPerToken = true };
        return option.AcceptOnlyFromAmong([.. DialWords.Verdicts.Keys]);
    }

    private static Option<string?> MakeProtocol()
    {
        var option = new Option<string?>("--protocol") { Description = "Only dials of this protocol." };
        return option.AcceptOnlyFromAmong("tcp", "udp");
    }
}
