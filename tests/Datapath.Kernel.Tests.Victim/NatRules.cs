using System.Net;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>Rules of egress NAT for one pod network, 10.98.0.0/24 and fd98::/64.</summary>
public static class NatRules
{
    /// <summary>Everything from the pods is translated, but to some destinations.</summary>
    public static MasqueradeState Of(params IEnumerable<string> kept)
    {
        var keep = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.NonMasquerade);
        var host = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.Host);
        return new(
            new()
            {
                Classes = [new(MasqueradeSourceFacts.Host), new(MasqueradeSourceFacts.Forwarded), new(MasqueradeSourceFacts.PodNetwork)],
                Prefixes = [new(IPNetwork.Parse("10.98.0.0/24"), 2), new(IPNetwork.Parse("fd98::/64"), 2)],
                HostClass = 0,
                ForwardedClass = 1,
            },
            new()
            {
                Classes = [MasqueradeDestinationFacts.None, MasqueradeDestinationFacts.NonMasquerade],
                Prefixes = [.. kept.Select(static prefix => new MasqueradePrefix(IPNetwork.Parse(prefix), 1))],
            },
            [new("", MasqueradeAddressSource.Device)],
            [host, host, keep, keep, new(MasqueradeAction.Translate, MasqueradeReason.Source), keep]);
    }
}
