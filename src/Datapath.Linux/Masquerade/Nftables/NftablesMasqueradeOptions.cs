using System.Collections.Immutable;
using System.Net;

namespace Datapath.Linux;

/// <summary>How an <see cref="NftablesMasquerade"/> works. What it translates is a matter of the <see cref="MasqueradeState"/>.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NftablesMasqueradeOptions
{
    /// <summary>The name of the table of an engine that is given no other: <c>datapath_masquerade</c>.</summary>
    public const string DefaultTable = "datapath_masquerade";

    /// <summary>
    /// The devices whose packets are translated, by name, or by the beginning of names with <c>+</c> behind it: <c>eth+</c>. Devices that come later count at
    /// once. Default, none: those of the default routes of both families in the main table, and those that have one of <see cref="NodeAddresses"/>; they are
    /// followed as they change, which takes Linux 5.10.
    /// </summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>Addresses of the node, by which devices are found if <see cref="Devices"/> names none. Default: none.</summary>
    public ImmutableArray<IPAddress> NodeAddresses { get; init; } = [];

    /// <summary>
    /// The name of the table, of the family inet: letters, digits and underscores, the first a letter, at most 250. It belongs to the engine alone,
    /// and so does an empty one with <c>_lock</c> behind the name, which says that there is a process.
    /// Default: <see cref="DefaultTable"/>.
    /// </summary>
    public string Table { get; init; } = DefaultTable;

    /// <summary>
    /// Whose the table is, at most 127 bytes of UTF-8: nft(8) shows it as the comment of the table. A table of another owner is refused. Default:
    /// <see langword="null"/>, any table of that name is taken over. Minimum kernel: 5.10; before that it is neither kept nor asked about.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>
    /// How long the table lives. <see cref="DatapathLifetime.Pinned"/> (default): it stays when the engine is disposed, goes on translating, and is taken over by
    /// the next one. <see cref="DatapathLifetime.Process"/>: it goes when the engine is disposed, also if it was there before; a process that is killed leaves it.
    /// </summary>
    public DatapathLifetime Lifetime { get; init; }

    /// <summary>
    /// The pin folder of a <see cref="LinuxMasquerade"/> whose place this takes, if its process is gone: when the first rules are in force its flows go on, with
    /// the addresses and ports they had, and it is removed. Default: <see langword="null"/>, none.
    /// </summary>
    public string? PreviousBpfRoot { get; init; }

    /// <summary>The first port that flows are given. Default: 1024.</summary>
    public ushort FirstPort { get; init; } = 1024;

    /// <summary>The last port that flows are given. Default: 65535.</summary>
    public ushort LastPort { get; init; } = ushort.MaxValue;

    /// <summary>Whether each flow gets a port by chance. Default: no, it keeps its own if that is in the range and free towards its peer.</summary>
    public bool RandomPorts { get; init; }
}
