using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>
/// Addresses and ports that are served together, as the engine holds them. The longest prefix around an address alone is looked at, so ports that a
/// shorter prefix serves are held with each longer one inside it too.
/// </summary>
/// <param name="Id">
/// The identifier of the range that counts there: kept while the range exists, also over restarts, and never given to another range or frontend.
/// </param>
/// <param name="Prefix">The addresses.</param>
/// <param name="FirstPort">The first port, 1 to 65535.</param>
/// <param name="LastPort">The last port, not below <paramref name="FirstPort"/>.</param>
/// <param name="Protocol">The transport protocol.</param>
/// <param name="Backends">The backends that take new connections, by address; of port 0 are those that get the port that was dialed. Empty if a dial is refused, or passes.</param>
public sealed record ProgrammedRange(
    uint Id, IPNetwork Prefix, ushort FirstPort, ushort LastPort, L4Protocol Protocol, ImmutableArray<ProgrammedBackend> Backends)
{
    /// <summary>Into how many equal parts new connections are divided: a backend's share is one of them or several. 0 without backends.</summary>
    public int Slots { get; init; }

    /// <summary>Whether a dial goes to the address itself; <see cref="Backends"/> is empty then. Default: no.</summary>
    public bool Passes { get; init; }

    /// <summary>Other sets of backends, for some clients, by number. Default: none.</summary>
    public ImmutableArray<ProgrammedSet> FurtherSets { get; init; } = [];

    /// <summary>The addresses and ports, for example <c>10.0.0.0/8:80-90/TCP</c>.</summary>
    public override string ToString() => new FrontendRange(Prefix, FirstPort, LastPort, Protocol, []).ToString();
}
