using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

/// <summary>How a <see cref="LinuxMasquerade"/> works. What it translates is a matter of the <see cref="MasqueradeState"/>.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record LinuxMasqueradeOptions
{
    /// <summary>
    /// The devices whose packets are translated, by name, or by the beginning of names with <c>+</c> behind it: <c>eth+</c>. Default, none: those of the default
    /// routes of both families in the main table, and those that have one of <see cref="NodeAddresses"/>. Devices that come later count too.
    /// </summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>Addresses of the node, by which devices are found if <see cref="Devices"/> names none. Default: none.</summary>
    public ImmutableArray<IPAddress> NodeAddresses { get; init; } = [];

    /// <summary>How long what is in the kernel lives. Default: <see cref="DatapathLifetime.Pinned"/>.</summary>
    public DatapathLifetime Lifetime { get; init; }

    /// <summary>Where pins go, a folder of this one alone on a bpf filesystem. Default: <c>/sys/fs/bpf/datapath-masquerade</c>.</summary>
    public string BpfRoot { get; init; } = "/sys/fs/bpf/datapath-masquerade";

    /// <summary>
    /// The table of an <see cref="NftablesMasquerade"/> whose place this takes, if its process is gone: when the first rules are in force its flows go on, with the
    /// addresses and ports they had, and it is removed. Default: <see langword="null"/>, none.
    /// </summary>
    public string? PreviousTable { get; init; }

    /// <summary>Whose <see cref="PreviousTable"/> must be, see <see cref="NftablesMasqueradeOptions.Owner"/>. Default: <see langword="null"/>, whoever's it is.</summary>
    public string? PreviousTableOwner { get; init; }

    /// <summary>The first port that flows are given. Default: 1024.</summary>
    public ushort FirstPort { get; init; } = 1024;

    /// <summary>The last port that flows are given. Default: 65535.</summary>
    public ushort LastPort { get; init; } = ushort.MaxValue;

    /// <summary>Ports that no flow is given, beside those of <c>net.ipv4.ip_local_reserved_ports</c> at the start. They may not be all of that range. Default: none.</summary>
    public ImmutableArray<ushort> ReservedPorts { get; init; } = [];

    /// <summary>
    /// The most flows of each family at a time, 1 to 8388608. More are refused, and none is ended for them. What is pinned takes another size at the next
    /// start, unless more is in use. Default: 262144.
    /// </summary>
    public int MaxFlows { get; init; } = 262144;

    /// <summary>What becomes of packets of protocols whose ports cannot be changed, as SCTP, GRE and ESP. Default: they are dropped and counted.</summary>
    public UntranslatableProtocols Untranslatable { get; init; }

    /// <summary>Which port the datagrams of a source leave by. Counts for flows that begin after the start. Default: one for each peer.</summary>
    public PortMapping PortMapping { get; init; }

    /// <summary>How long idle flows live.</summary>
    public FlowLifetimes Lifetimes { get; init; } = new();

    /// <summary>How often flows that are over are removed. Default: 5 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>By which mechanism programs are attached. Default: the best that the kernel has.</summary>
    internal TcMechanism Mechanism { get; init; }

    /// <summary>The compiled objects. Default: those of this package.</summary>
    internal MasqueradeObjects Objects { get; init; } = MasqueradeObjects.OfPackage;
}
