using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>The decision, made once more: no classes and no table, but the whole of every list looked through for each packet.</summary>
internal sealed class NaiveMasquerade(MasqueradeInputs inputs)
{
    private readonly MasqueradeConfiguration _wanted = inputs.Configuration;

    public MasqueradeVerdict Decide(MasqueradePacket packet)
    {
        var (from, to) = (packet.Source, packet.Destination);
        var isIPv4 = to.AddressFamily is AddressFamily.InterNetwork;
        var native = isIPv4 ? _wanted.IPv4NativeRoutingCidr : _wanted.IPv6NativeRoutingCidr;
        var lists = new[] { _wanted.NonMasquerade, inputs.AgentList }.OfType<NonMasqueradeList>().ToArray();
        var pod = Holder(from);
        var isOptedOut = pod is not null && Annotated(pod.Metadata) is { } said ? said : pod is not null && inputs.Namespaces.Any(space => space.Metadata.Name == pod.Metadata.Namespace && Annotated(space.Metadata) is true);
        var isPodNetwork = OwnPodNetwork().Any(range => range.Contains(from));
        var isListed = _wanted.Sources.Any(range => range.Contains(from));
        var isOwn = IsOwn(from);
        var isKnown = pod is not null || isPodNetwork || isListed || isOwn;
        var isByInterface = !isKnown && packet.Interface is { } name && _wanted.Interfaces.Any(pattern => pattern == name || (pattern[^1] == '+' && name.StartsWith(pattern[..^1], StringComparison.Ordinal)));
        var isForwarded = !isKnown && packet.Interface is not null && _wanted.MasqueradeForwarded;
        var isOtherNode = !IsOwn(to) && inputs.Node.Name.Length > 0
            && inputs.Nodes.Any(node => node.Metadata.Name != inputs.Node.Name && node.Addresses.Any(address => address.IsIP && IPAddress.Parse(address.Address).Equals(to)));
        var excludesLinkLocal = lists.Any(list => isIPv4 ? !list.MasqLinkLocal : !list.MasqLinkLocalIPv6);

        return packet.IsFromNatAddress ? new(MasqueradeAction.Track, MasqueradeReason.NatAddress)
            : packet.IsReply ? Keep(MasqueradeReason.Reply)
            : !(isIPv4 ? _wanted.EnableIPv4Masquerade : _wanted.EnableIPv6Masquerade) ? Keep(MasqueradeReason.FamilyOff)
            : IsOwn(to) ? Keep(MasqueradeReason.OwnNode)
            : In(to, "224.0.0.0/4") || In(to, "255.255.255.255/32") || In(to, "ff00::/8") ? Keep(MasqueradeReason.Multicast)
            : native is { } explicitRange ? explicitRange.Contains(to) ? Keep(MasqueradeReason.NativeRouting) : Rest()
            : lists.Length == 0 && OwnPodNetwork().Any(range => range.Contains(to)) ? Keep(MasqueradeReason.NativeRouting)
            : Rest();

        MasqueradeVerdict Rest() => isOptedOut ? Keep(MasqueradeReason.OptedOut)
            : lists.Any(list => list.Cidrs.Any(range => range.Contains(to))) || (excludesLinkLocal && (In(to, "169.254.0.0/16") || In(to, "fe80::/10"))) ? Keep(MasqueradeReason.NonMasquerade)
            : isOtherNode && _wanted.RemoteNodes is RemoteNodeMode.Keep ? Keep(MasqueradeReason.OtherNode)
            : isOwn || (!isKnown && packet.Interface is null) ? Keep(MasqueradeReason.Host)
            : pod is null && !isPodNetwork && !isListed && !isByInterface && !isForwarded ? Keep(MasqueradeReason.NoSource)
            : isOtherNode ? new(MasqueradeAction.Translate, MasqueradeReason.RemoteNode, PoolOf(pod))
            : _wanted.MasqueradeCidrs.Length > 0 && !_wanted.MasqueradeCidrs.Any(range => range.Contains(to)) ? Keep(MasqueradeReason.NotListed)
            : new(MasqueradeAction.Translate, MasqueradeReason.Source, PoolOf(pod));
    }

    private static MasqueradeVerdict Keep(MasqueradeReason reason) => new(MasqueradeAction.Keep, reason);

    private static bool In(IPAddress address, string range) => IPNetwork.Parse(range).Contains(address);

    private static bool? Annotated(ObjectMeta meta) =>
        meta.Annotations.TryGetValue("datapath.io/masquerade", out var text) || meta.Labels.TryGetValue("datapath.io/masquerade", out text) ? text == "disabled" : null;

    private bool IsOwn(IPAddress address) => inputs.Node.Addresses.Any(own => own.Address.Equals(address));

    private IEnumerable<IPNetwork> OwnPodNetwork() => _wanted.PodCidrs.Length > 0
        ? _wanted.PodCidrs
        : inputs.Nodes.Where(node => node.Metadata.Name == inputs.Node.Name).SelectMany(node => node.PodCidrs).Select(text => IPNetwork.Parse(text));

    private Pod? Holder(IPAddress address) => inputs.Pods
        .Where(pod => inputs.Node.Name.Length > 0 && pod.Spec.NodeName == inputs.Node.Name && !pod.Spec.HostNetwork && pod.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed))
        .Where(pod => !pod.Addresses.Contains("10.0.0") && pod.Addresses.Any(text => IPAddress.Parse(text).Equals(address)))
        .OrderBy(pod => pod.IsTerminating).ThenByDescending(pod => pod.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue).ThenBy(pod => pod.Key).FirstOrDefault();

    private byte PoolOf(Pod? pod)
    {
        for (var i = 0; pod is not null && i < _wanted.Pools.Length; i++)
        {
            var labels = (inputs.Namespaces.FirstOrDefault(space => space.Metadata.Name == pod.Metadata.Namespace)?.Metadata.Labels ?? []).SetItem(Namespace.NameLabel, pod.Metadata.Namespace);
            if (_wanted.Pools[i].NamespaceSelector.Matches(labels) && _wanted.Pools[i].PodSelector.Matches(pod.Metadata.Labels))
                return (byte)(i + 1);
        }

        return 0;
    }
}
