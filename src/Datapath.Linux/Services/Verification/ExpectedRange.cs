using System.Collections.Immutable;
using System.Net;

namespace Datapath.Linux;

/// <summary>Addresses and ports as the kernel should hold them for dials from this machine, see <see cref="ProgrammedRange"/>.</summary>
/// <param name="Prefix">The addresses.</param>
/// <param name="FirstPort">The first port, 1 to 65535.</param>
/// <param name="LastPort">The last port, not below <paramref name="FirstPort"/>.</param>
/// <param name="Protocol">The transport protocol.</param>
/// <param name="Backends">Where dials go, by address; of each only address and weight count. None: they are refused, or pass.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ExpectedRange(IPNetwork Prefix, ushort FirstPort, ushort LastPort, L4Protocol Protocol, ImmutableArray<Backend> Backends)
{
    /// <summary>Whether a dial goes to the address itself. Default: no.</summary>
    public bool Passes { get; init; }

    /// <summary>Other sets of backends, for some clients. Default: none.</summary>
    public ImmutableArray<ExpectedSet> FurtherSets { get; init; } = [];
}
