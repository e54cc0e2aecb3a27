using System.Collections.Immutable;
using System.Net;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>Rules of egress NAT at random: each wish comes and goes, and so do pods and other nodes.</summary>
internal sealed class NatSoakRules(Random random)
{
    private static readonly IPNetwork[] s_lists =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("198.51.100.0/31"), IPNetwork.Parse("198.51.100.2/32"), IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("203.0.0.0/8"), IPNetwork.Parse("192.168.98.0/28"), IPNetwork.Parse("2001:db8:113::/48"), IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("2001:db8:99::1/128"), IPNetwork.Parse("fd99::/64"), IPNetwork.Parse("fd97::/16"),
    ];

    private static readonly IPNetwork[] s_sources =
    [
        IPNetwork.Parse("172.31.0.8/29"), IPNetwork.Parse("fd31::8/125"), IPNetwork.Parse("172.30.0.0/24"), IPNetwork.Parse("fd30::/64"), IPNetwork.Parse("192.168.97.0/24"),
    ];

    private static readonly string[] s_interfaces = ["gu+", ConformanceSite.GuestDevice, "other+"];
    private static readonly string[] s_loopback = ["192.168.97.1", "fd95::1"];

    public MasqueradeState Next()
    {
        var configuration = new MasqueradeConfiguration
        {
            EnableIPv4Masquerade = random.Next(10) > 0,
            EnableIPv6Masquerade = random.Next(10) > 0,
            RemoteNodes = Maybe() ? RemoteNodeMode.Masquerade : RemoteNodeMode.Keep,
            NonMasquerade = Maybe() ? new() { Cidrs = Some(s_lists), MasqLinkLocal = Maybe(), MasqLinkLocalIPv6 = Maybe() } : null,
            MasqueradeCidrs = random.Next(4) == 0 ? Some(s_lists) : [],
            MasqueradeForwarded = Maybe(),
            Interfaces = Some(s_interfaces),
            Sources = Some(s_sources),
            IPv4NativeRoutingCidr = Maybe() ? IPNetwork.Parse("10.96.0.0/14") : null,
            IPv6NativeRoutingCidr = Maybe() ? IPNetwork.Parse("fd97::/16") : null,
        };
        if (random.Next(3) == 0)
            configuration = configuration with { AddressSource = MasqueradeAddressSource.Fixed, Addresses = OneOrMore(ConformanceSite.NatAddresses) };
        var inputs = ConformanceSite.InputsOf(configuration, ["192.168.98.1", "fd99::1", .. Some(s_loopback)]);
        return Compile(inputs with
        {
            Configuration = Maybe() ? inputs.Configuration : inputs.Configuration with { Pools = [] },
            Nodes = [.. Maybe() ? inputs.Nodes : inputs.Nodes.Take(1)],
            Pods = Some([.. inputs.Pods]),
        });
    }

    private static MasqueradeState Compile(MasqueradeInputs inputs)
    {
        var compilation = MasqueradeCompiler.Compile(inputs);
        return compilation.State ?? throw new InvalidOperationException($"no rules: {string.Join("; ", compilation.Diagnostics)}");
    }

    private bool Maybe() => random.Next(2) == 0;

    private ImmutableArray<T> Some<T>(T[] all) => [.. all.Where(_ => random.Next(3) == 0)];

    private ImmutableArray<IPAddress> OneOrMore(ImmutableArray<IPAddress> all)
    {
        var first = all[random.Next(all.Length)];
        return [first, .. all.Where(address => !address.Equals(first) && Maybe())];
    }
}
