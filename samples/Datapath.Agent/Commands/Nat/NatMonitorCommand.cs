using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Hosting;
using Datapath.Linux;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat monitor</c>: drops and mappings as they happen.</summary>
internal static class NatMonitorCommand
{
    private static readonly Option<IPNetwork?> s_source = NatFilter.Range("--source", "Only what comes from this address or range, before its translation.");
    private static readonly Option<IPNetwork?> s_destination = NatFilter.Range("--destination", "Only what goes to this address or range.");
    private static readonly Option<byte?> s_protocol = NatFilter.Protocol("Only this protocol");
    private static readonly Option<string?> s_family = Words("--family", "Only IPv4 or IPv6.", "ipv4", "ipv6");
    private static readonly Option<string?> s_only = Words("--only", "Only packets that were refused or passed, or only mappings.", "packets", "mappings");
    private static readonly Option<int> s_rate = MonitorNumber.Create("--rate", "Show at most so many packets of each reason a second, for each processor. Default: 10.", static _ => 10);
    private static readonly Option<int> s_count = MonitorNumber.Create("--count", "End after so many lines. Default: go on.", static _ => int.MaxValue);

    public static Command Create()
    {
        var monitor = new Command("monitor", "Prints packets that masquerading dropped, and mappings as they are made and as they end, a line each. Needs root and the pinned eBPF engine, but no running agent; one at a time. Ends with Ctrl-C, when nobody reads its output, or after --count. Nothing to hear, as with the nftables engine or pins that are gone: exit code 4.")
        {
            s_source,
            s_destination,
            s_protocol,
            s_family,
            s_only,
            s_rate,
            s_count,
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        monitor.SetAction(RunAsync);
        return monitor;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = CommonOptions.ReadOptions(arguments);
        var bpfRoot = options.ToMasqueradeOptions().BpfRoot;
        if (options.Masquerade.Engine is MasqueradeEngine.Nftables)
            return await NothingThere.EndAsync("masquerade:engine is nftables: there the kernel itself translates, and tells of neither drops nor mappings here; conntrack -E shows its flows").ConfigureAwait(false);
        Pins.ThrowIfHidden(bpfRoot);
        if (!Directory.Exists(bpfRoot))
            return await NothingThere.EndAsync($"nothing is pinned in '{bpfRoot}'; masquerading with lifetime process is heard only by its own process").ConfigureAwait(false);

        using var signals = new StopSignals(cancellationToken);
        var filter = Filter(arguments) with { DeviceNames = new DeviceNames(options.HostNetworkNamespace).NameOf };
        MasqueradeMonitor monitor;
        try
        {
            monitor = MasqueradeMonitor.Open(bpfRoot, filter);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT)
        {
            return await NothingThere.EndAsync($"pins in '{bpfRoot}' are gone ({e.Message}): run the agent again, which makes them anew").ConfigureAwait(false);
        }

        using var open = monitor;
        await Console.Error.WriteLineAsync($"datapath-agent: listening to the masquerading of '{bpfRoot}'").ConfigureAwait(false);
        var isJson = CommonOptions.IsJson(arguments);
        var losses = new LossReport(() => monitor.Lost, () => monitor.Gaps, static lost => $"{lost} events lost: they come faster than they are read; choose fewer");
        var shown = await EventLines.ShowAsync(monitor.ReadAllAsync, told => Task.FromResult<string?>(LineOf(told, isJson)), losses, arguments.GetValue(s_count), signals.Stop)
            .ConfigureAwait(false);
        monitor.Dispose();
        losses.TellGaps();
        await Console.Error.WriteLineAsync($"datapath-agent: {shown} events shown, {monitor.HeldBack} packets held back, {monitor.Lost} events lost").ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string LineOf(MasqueradeEvent told, bool isJson)
    {
        var row = NatEventRow.Of(told);
        return isJson ? JsonSerializer.Serialize(row, ReportJson.Line.NatEventRow) : row.ToString();
    }

    private static MasqueradeMonitorOptions Filter(ParseResult arguments)
    {
        var (source, destination) = (arguments.GetValue(s_source), arguments.GetValue(s_destination));
        AddressFamily? family = arguments.GetValue(s_family) switch { "ipv4" => AddressFamily.InterNetwork, "ipv6" => AddressFamily.InterNetworkV6, _ => null };
        family ??= source?.BaseAddress.AddressFamily;
        if (source is { } from && from.BaseAddress.AddressFamily != family)
            throw new ConfigurationException($"--source: '{from}' must be of --family {arguments.GetValue(s_family)}");
        if (family is not null && destination is { } to && to.BaseAddress.AddressFamily != family)
            throw new ConfigurationException($"--destination: '{to}' must be of the family of {(source is { } other ? $"--source '{other}'" : $"--family {arguments.GetValue(s_family)}")}");
        var (only, protocol) = (arguments.GetValue(s_only), arguments.GetValue(s_protocol));
        if (protocol is 0)
            throw new ConfigurationException("--protocol: 0 must be 1 to 255");
        return new()
        {
            Source = source,
            Destination = destination,
            Family = family,
            Protocol = protocol,
            Packets = only is not "mappings",
            Mappings = only is not "packets",
            PacketsPerSecond = arguments.GetValue(s_rate),
        };
    }

    private static Option<string?> Words(string name, string description, params string[] words) =>
        new Option<string?>(name) { Description = description }.AcceptOnlyFromAmong(words);
}
