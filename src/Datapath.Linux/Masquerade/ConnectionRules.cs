using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Asks rules about connections that the kernel follows.</summary>
/// <param name="state">The rules.</param>
/// <param name="devices">The numbers of the devices whose packets are translated.</param>
/// <param name="survey">What the network namespace has.</param>
/// <param name="routes">Where packets go.</param>
internal sealed class ConnectionRules(MasqueradeState state, IReadOnlySet<int> devices, NetworkSurvey survey, RouteNetlink routes)
{
    private readonly Dictionary<IPAddress, NetworkRoute?> _ways = [];

    /// <summary>Whether the rules would give a connection another source, as it was when it began.</summary>
    /// <remarks>The side that began counts: a connection from outside leads to no device by which packets are translated.</remarks>
    public bool Translate(ConntrackEntry entry) =>
        Translate(entry.Original.Source.Address, entry.Reply.Source.Address); // somebody's destination translation comes before the rules: they are asked about where packets go then

    /// <summary>Whether the rules would give packets another source that leave between these.</summary>
    public bool Translate(FlowEnds packets) => Translate(packets.Source.Address, packets.Peer.Address);

    private bool Translate(IPAddress source, IPAddress destination) =>
        source.AddressFamily == destination.AddressFamily
        && WayTo(destination) is { Type: NetworkRouteType.Unicast } way
        && devices.Contains(way.InterfaceIndex)
        && IsTranslated(source, destination)
        && !survey.Addresses.Any(own => own.InterfaceIndex == way.InterfaceIndex && own.Address.Equals(source));

    private bool IsTranslated(IPAddress source, IPAddress destination)
    {
        var packet = new MasqueradePacket(source, destination);
        var decision = state.Decide(packet);
        if (decision.Source.Prefix is null && NameOfDeviceTo(source) is { } device)
            decision = state.Decide(packet with { Interface = device });
        return decision.Verdict.Action is MasqueradeAction.Translate;
    }

    // Connection tracking does not tell by which device a packet came in: that by which its answers leave, as far as can be known.
    private string? NameOfDeviceTo(IPAddress source) =>
        WayTo(source) is { Type: not NetworkRouteType.Local } back ? survey.Links.FirstOrDefault(link => link.Index == back.InterfaceIndex)?.Name : null;

    private NetworkRoute? WayTo(IPAddress destination)
    {
        if (_ways.TryGetValue(destination, out var known))
            return known;
        NetworkRoute? way;
        try
        {
            way = routes.GetRoute(new(destination));
        }
        catch (NetlinkException e) when (e.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL)
        {
            way = null; // none: nothing leaves
        }

        _ways.Add(destination, way);
        return way;
    }
}
