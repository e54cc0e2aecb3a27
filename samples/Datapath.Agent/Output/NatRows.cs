using System.Collections.Immutable;
using System.Net;
using Datapath.Hosting;
using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>Makes rows of what masquerading tells.</summary>
internal static class NatRows
{
    private const int Most = 10;

    /// <summary>The flows, by protocol, source and peer.</summary>
    public static IReadOnlyList<FlowRow> Flows(IMasquerade masquerade, DesiredState state)
    {
        var pods = PodsByAddress(state);
        return
        [
            .. masquerade.ReadFlows()
                .OrderBy(static f => f.Protocol).ThenBy(static f => f.Source.ToString(), StringComparer.Ordinal).ThenBy(static f => f.Peer.ToString(), StringComparer.Ordinal)
                .Select(f => new FlowRow(
                    FlowProtocol.NameOf(f.Protocol),
                    f.Source.ToString(),
                    pods.GetValueOrDefault(f.Source.Address),
                    f.Translated.ToString(),
                    f.Peer.ToString(),
                    f.Age is { } age ? Seconds(age) : null,
                    Seconds(f.Idle),
                    f.ExpiresIn is { } left ? Seconds(left) : null,
                    f.IsAnswered,
                    f.IsMapping)),
        ];
    }

    /// <summary>How it stands; <see langword="null"/> if it is off.</summary>
    public static NatReport? Report(IMasquerade masquerade, DatapathMonitor monitor, MasqueradeOptions options)
    {
        var now = monitor.Current;
        if (now.Masquerade is not { } current)
            return null;
        var (all, pods) = (masquerade.ReadFlows(), PodsByAddress(now.State));
        MasqueradeFlow[] flows = [.. all.Where(static flow => !flow.IsMapping)];
        return new(
            current.Failure,
            [.. masquerade.Devices.Select(static d => new NatDeviceRow(d.Name, d.IPv4?.ToString(), d.IPv6?.ToString()))],
            flows.Length,
            all.Length - flows.Length,
            options.MaxFlows,
            options.UsablePorts,
            [
                .. MasqueradePortUse.Of(flows, options.UsablePorts).Take(Most).Select(static use => new PortUseRow(
                    use.Translated.ToString(), use.Peer.ToString(), FlowProtocol.NameOf(use.Protocol), use.Flows, Share(use))),
            ],
            [
                .. MasqueradePortUse.Of(all.Where(flow => flow.IsMapping && options.Ports.Contains(flow.Translated.Port)), options.UsablePorts).Take(Most).Select(static use => new MappingUseRow(
                    use.Translated.ToString(), FlowProtocol.NameOf(use.Protocol), use.Flows, Share(use))),
            ],
            [
                .. flows.CountBy(static flow => flow.Source.Address).OrderByDescending(static source => source.Value).ThenBy(static source => source.Key.ToString(), StringComparer.Ordinal)
                    .Take(Most).Select(source => new TalkerRow(source.Key.ToString(), pods.GetValueOrDefault(source.Key), source.Value)),
            ],
            masquerade.ReadCounters(),
            Rows.Diagnostics(current.Diagnostics),
            [.. OfLog(monitor), .. WarningsOf(masquerade)]);
    }

    /// <summary>Masquerading, as one of the parts of the datapath.</summary>
    public static FeatureRow Feature(IMasquerade masquerade, DatapathSnapshot now) => now.Masquerade switch
    {
        null => Row("off", "masquerade:enabled is not set"),
        { Failure: { } failure } => Row(FeatureWords.NotEffective, $"the last rules are not in force: {failure}"),
        { State: null } => Row(FeatureWords.NotEffective, "there are no rules yet"),
        _ when masquerade.FindOutage() is { } outage => Row(FeatureWords.NotEffective, outage),
        _ when masquerade.Devices.IsEmpty => Row(FeatureWords.NotEffective, "there is no device that packets leave by: see masquerade:devices"),
        _ when WarningsOf(masquerade) is [var first, ..] all => Row("on", $"{Devices(masquerade)}, but {first}{(all.Length > 1 ? $", and {all.Length - 1} more: see `nat stats`" : "")}"),
        _ => Row("on", Devices(masquerade)),
    };

    /// <summary>What keeps it from its work at the moment.</summary>
    public static IEnumerable<string> Faults(IMasquerade masquerade, DatapathMonitor monitor) =>
        masquerade.FindFaults().Select(static fault => $"masquerading: {fault}").Concat(OfLog(monitor));

    private static IEnumerable<string> OfLog(DatapathMonitor monitor) => monitor.MappingLogFailure is { } failure ? [$"log of mappings: {failure}"] : [];

    private static ImmutableArray<string> WarningsOf(IMasquerade masquerade) => masquerade switch
    {
        LinuxMasquerade ebpf => ebpf.GetStatus().Warnings,
        NftablesMasquerade nftables => nftables.GetStatus().Warnings,
        _ => [],
    };

    private static string Devices(IMasquerade masquerade) => $"packets that leave by {string.Join(", ", masquerade.Devices.Select(static d => d.Name))}";

    private static FeatureRow Row(string state, string reason) => new("masquerading", state, reason);

    private static double Share(MasqueradePortUse use) => Math.Round(use.Use, 4);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);

    private static Dictionary<IPAddress, string> PodsByAddress(DesiredState state) => state.Pods.Values
        .Where(static pod => !pod.IsHostNetwork)
        .SelectMany(static pod => pod.Addresses.Select(address => KeyValuePair.Create(address, pod.Name.ToString())))
        .DistinctBy(static item => item.Key).ToDictionary();
}
