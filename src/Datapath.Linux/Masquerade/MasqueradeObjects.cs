using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Where the programs and maps of egress NAT come from: from this package, unless a test has those of another version.</summary>
internal sealed record MasqueradeObjects
{
    /// <summary>Those of this package.</summary>
    public static MasqueradeObjects OfPackage { get; } = new();

    /// <summary>The programs at the devices, and the maps.</summary>
    public Func<BpfObjectSpec> Masquerade { get; init; } = static () => BpfObjectSpec.Parse(MasqueradeObject.Read());

    /// <summary>The programs that end flows.</summary>
    public Func<BpfObjectSpec> FlowSweep { get; init; } = static () => BpfObjectSpec.Parse(FlowSweepObject.Read());
}
