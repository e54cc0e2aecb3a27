using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The objects of egress NAT, with the sizes and knobs of some options.</summary>
internal static class MasqueradeSpec
{
    private const int MostFlows = 1 << 23;

    public static BpfObjectSpec Make(LinuxMasqueradeOptions options)
    {
        OptionCheck.ThrowIfUnknown(options.Lifetime);
        OptionCheck.ThrowIfUnknown(options.Untranslatable);
        OptionCheck.ThrowIfUnknown(options.PortMapping);
        OptionCheck.ThrowIfNoPath(options.BpfRoot);
        OptionCheck.ThrowIfNoList(options.Devices);
        OptionCheck.ThrowIfNoList(options.NodeAddresses);
        OptionCheck.ThrowIfNoList(options.ReservedPorts);
        ArgumentNullException.ThrowIfNull(options.Lifetimes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFlows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxFlows, MostFlows);
        ArgumentOutOfRangeException.ThrowIfZero(options.FirstPort);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LastPort, options.FirstPort);
        var spec = options.Objects.Masquerade();
        foreach (var name in new[] { MasqueradeObject.Flows4, MasqueradeObject.Flows6 })
            spec.Maps[name].MaxEntries = 2 * (uint)options.MaxFlows; // a flow has two entries
        foreach (var (_, map) in spec.Maps.Where(static map => !MasqueradeObject.Scratch.Contains(map.Key)))
            map.Pinning = options.Lifetime is DatapathLifetime.Pinned ? MapPinning.ByName : MapPinning.None;
        var knobs = spec.DataSections[MasqueradeObject.Knobs];
        knobs.Set(MasqueradeObject.Others, options.Untranslatable switch
        {
            UntranslatableProtocols.Drop => (byte)0,
            UntranslatableProtocols.Pass => (byte)1,
            UntranslatableProtocols.TranslateAddress => (byte)2,
            var other => throw new ArgumentOutOfRangeException(nameof(options), other, "Untranslatable"),
        });
        knobs.Set(MasqueradeObject.IsIndependent, options.PortMapping switch
        {
            PortMapping.EndpointDependent => (byte)0,
            PortMapping.EndpointIndependent => (byte)1,
            var other => throw new ArgumentOutOfRangeException(nameof(options), other, "PortMapping"),
        });
        knobs.Set(MasqueradeObject.KnowsIPv6Sums, (byte)(KnowsIPv6Sums ? 1 : 0));
        return spec;
    }

    public static BpfObjectSpec MakeSweep(LinuxMasqueradeOptions options)
    {
        var spec = options.Objects.FlowSweep();
        var lifetimes = options.Lifetimes;
        var knobs = spec.DataSections[FlowSweepObject.Knobs];
        knobs.Set(FlowSweepObject.TcpOpening, Seconds(lifetimes.TcpOpening));
        knobs.Set(FlowSweepObject.TcpEstablished, Seconds(lifetimes.TcpEstablished));
        knobs.Set(FlowSweepObject.TcpHalfClosed, Seconds(lifetimes.TcpHalfClosed));
        knobs.Set(FlowSweepObject.TcpClosing, Seconds(lifetimes.TcpClosing));
        knobs.Set(FlowSweepObject.OneWay, Seconds(lifetimes.OneWay));
        knobs.Set(FlowSweepObject.TwoWay, Seconds(lifetimes.TwoWay));
        knobs.Set(FlowSweepObject.Icmp, Seconds(lifetimes.Icmp));
        return spec;
    }

    private static uint Seconds(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(30));
        return (uint)lifetime.TotalSeconds;
    }

    // The flag came with Linux 6.16. Distributions took it into older kernels; without it the sums are put right by another helper.
    private static bool KnowsIPv6Sums => Environment.OSVersion.Version >= new Version(6, 16) && RuntimeInformation.IsOSPlatform(OSPlatform.Linux);
}
