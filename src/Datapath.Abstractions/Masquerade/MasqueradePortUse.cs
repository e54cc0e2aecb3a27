using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>How many of the ports of an address are in use towards one peer: each peer has the whole range to itself.</summary>
/// <param name="Translated">The address that packets get.</param>
/// <param name="Peer">Where they go.</param>
/// <param name="Protocol">The IANA protocol number.</param>
/// <param name="Flows">The flows, a port each.</param>
/// <param name="Use">The part of the range, 0 to 1.</param>
public sealed record MasqueradePortUse(IPAddress Translated, FlowEnd Peer, byte Protocol, int Flows, double Use)
{
    /// <summary>How much of the ranges of ports is in use, the fullest first.</summary>
    /// <param name="flows">The flows.</param>
    /// <param name="ports">How many ports the range has, at least 1.</param>
    public static ImmutableArray<MasqueradePortUse> Of(IEnumerable<MasqueradeFlow> flows, int ports)
    {
        ArgumentNullException.ThrowIfNull(flows);
        ArgumentOutOfRangeException.ThrowIfLessThan(ports, 1);
        return
        [
            .. flows
                .CountBy(static flow => (flow.Translated.Address, flow.Peer, flow.Protocol))
                .OrderByDescending(static use => use.Value)
                .ThenBy(static use => use.Key.Peer.ToString(), StringComparer.Ordinal)
                .Select(use => new MasqueradePortUse(use.Key.Address, use.Key.Peer, use.Key.Protocol, use.Value, Math.Min(1, (double)use.Value / ports))),
        ];
    }

    /// <summary>For example <c>71 % of the ports of 192.0.2.1 towards 198.51.100.7:443 (TCP)</c>, or <c>towards all peers</c> if ports do not depend on them.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Use * 100:0} % of the ports of {Translated} towards {(MasqueradeFlow.IsAnyPeer(Translated, Peer) ? "all peers" : Peer)} ({FlowProtocol.NameOf(Protocol)})");
}
