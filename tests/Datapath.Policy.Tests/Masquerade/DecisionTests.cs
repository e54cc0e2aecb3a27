using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>The rules one by one, in their order, with each that comes before another held against it.</summary>
internal sealed class DecisionTests
{
    private const string Translated = "Translate 0 (Source)";

    [Test]
    public void What_the_host_sends_from_the_NAT_address_is_tracked_wherever_it_goes()
    {
        Assert.That(Site.Inputs.Verdict(Site.Packet("192.0.2.1", Site.Outside, by: null) with { IsFromNatAddress = true }), Is.EqualTo("Track (NatAddress)"));
        Assert.That(Site.Inputs.Verdict(Site.Packet("192.0.2.1", "10.244.2.9", by: null) with { IsFromNatAddress = true, IsReply = true }), Is.EqualTo("Track (NatAddress)"));
    }

    [TestCase(Site.Web, Site.Outside)]
    [TestCase(Site.Web6, Site.Outside6)]
    public void A_reply_of_a_pod_keeps_its_address(string pod, string outside) =>
        Assert.That(Site.Inputs.Verdict(Site.Packet(pod, outside) with { IsReply = true }), Is.EqualTo("Keep (Reply)"));

    [Test]
    public void A_family_that_is_off_is_left_alone_and_the_other_is_not()
    {
        var inputs = Site.With(static c => c with { EnableIPv6Masquerade = false, MasqueradeForwarded = true });
        Assert.That(inputs.Verdict(Site.Web6, Site.Outside6), Is.EqualTo("Keep (FamilyOff)"));
        Assert.That(inputs.Verdict("2001:db8:9::9", Site.Outside6), Is.EqualTo("Keep (FamilyOff)"));
        Assert.That(inputs.Verdict(Site.Web, Site.Outside), Is.EqualTo(Translated));
        var other = Site.With(static c => c with { EnableIPv4Masquerade = false });
        Assert.That((other.Verdict(Site.Web, Site.Outside), other.Verdict(Site.Web6, Site.Outside6)), Is.EqualTo(("Keep (FamilyOff)", Translated)));
        Assert.That(MasqueradeCompiler.Compile(other).State!.Destinations.Prefixes.Count(static entry => !entry.Prefix.ToString().Contains(':')), Is.EqualTo(1), "one prefix for all");
    }

    [Test]
    public void What_is_for_this_node_leaves_no_device() =>
        Assert.That(Site.With(static c => c with { RemoteNodes = RemoteNodeMode.Masquerade }).Verdict(Site.Web, "192.0.2.1"), Is.EqualTo("Keep (OwnNode)"));

    [TestCase(Site.Web, "224.0.0.251")]
    [TestCase(Site.Web, "255.255.255.255")]
    [TestCase(Site.Web6, "ff05::2")]
    public void What_is_for_many_keeps_its_address_even_if_it_is_listed(string from, string to) => Assert.That(
        Site.With(static c => c with { MasqueradeCidrs = Site.Ranges("0.0.0.0/0", "::/0") }).Verdict(from, to), Is.EqualTo("Keep (Multicast)"));

    [TestCase(Site.Web, "10.244.1.9")]
    [TestCase(Site.Web6, "fd00:1::9")]
    public void Without_a_range_the_pod_network_of_the_node_sees_pods(string from, string to) => Assert.That(Site.Inputs.Verdict(from, to), Is.EqualTo("Keep (NativeRouting)"));

    [TestCase(Site.Web, "10.244.2.9", "Keep (NativeRouting)")]
    [TestCase(Site.Web, "10.0.0.1", "Keep (NativeRouting)")]
    [TestCase(Site.Web6, "fd00:2::9", "Keep (NativeRouting)")]
    [TestCase(Site.Web, Site.Outside, Translated)]
    [TestCase(Site.Web6, "fd01::9", Translated)]
    public void The_native_routing_range_sees_pods(string from, string to, string expected) => Assert.That(
        Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"), IPv6NativeRoutingCidr = IPNetwork.Parse("fd00::/16") }).Verdict(from, to),
        Is.EqualTo(expected));

    [Test]
    public void A_range_takes_the_place_of_the_pod_network_for_its_family_only()
    {
        var inputs = Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.99.0.0/16") });
        Assert.That(inputs.Verdict(Site.Web, "10.244.1.9"), Is.EqualTo(Translated));
        Assert.That(inputs.Verdict(Site.Web6, "fd00:1::9"), Is.EqualTo("Keep (NativeRouting)"));
    }

    [TestCase("10.244.1.9", Translated)]
    [TestCase("10.99.0.1", "Keep (NativeRouting)")]
    [TestCase("10.7.0.1", "Keep (NonMasquerade)")]
    public void With_a_list_only_an_explicit_range_counts_and_both_exclude(string to, string expected)
    {
        var inputs = Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.99.0.0/16"), NonMasquerade = Site.List("10.7.0.0/16") });
        Assert.That(inputs.Verdict(Site.Web, to), Is.EqualTo(expected));
        var listOnly = Site.Inputs with { AgentList = Site.List("10.7.0.0/16") };
        Assert.That(listOnly.Verdict(Site.Web, "10.244.1.9"), Is.EqualTo(Translated), "the pod network is no exclusion beside a list");
    }

    [Test]
    public void A_pod_that_opted_out_keeps_its_address()
    {
        var inputs = Site.Inputs with { Pods = [Site.WebPod().KeepAddress().Build()] };
        Assert.That((inputs.Verdict(Site.Web, Site.Outside), inputs.Verdict(Site.Web6, Site.Outside6)), Is.EqualTo(("Keep (OptedOut)", "Keep (OptedOut)")));
        Assert.That(inputs.Verdict("10.244.1.8", Site.Outside), Is.EqualTo(Translated), "its neighbour does not");
        Assert.That(inputs.Remarks(), Is.EqualTo(new[] { "Pod shop/web: keeps its address: datapath.io/masquerade is disabled, by the pod or by its namespace" }));
    }

    [Test]
    public void A_namespace_speaks_for_its_pods_unless_they_speak_themselves()
    {
        var inputs = Site.Inputs with { Namespaces = [Site.Shop("disabled")] };
        Assert.That(inputs.Verdict(Site.Web, Site.Outside), Is.EqualTo("Keep (OptedOut)"));
        Assert.That((inputs with { Pods = [Site.WebPod().KeepAddress(false).Build()] }).Verdict(Site.Web, Site.Outside), Is.EqualTo(Translated));
        Assert.That((Site.Inputs with { Namespaces = [Site.Shop("Disabled")] }).Verdict(Site.Web, Site.Outside), Is.EqualTo(Translated), "what is misspelt switches nothing off");
    }

    [Test]
    public void A_misspelt_setting_is_remarked_upon() => Assert.That(
        (Site.Inputs with { Namespaces = [Site.Shop("off")], Pods = [Site.Pod.Build().With(static meta => meta with { Annotations = meta.Annotations.Add(Pod.MasqueradeAnnotation, "no") })] }).Remarks(),
        Is.EqualTo(new[]
        {
            "Pod shop/web: metadata.annotations[datapath.io/masquerade]: 'no' must be enabled or disabled, and is taken for enabled",
            "Namespace shop: metadata.annotations[datapath.io/masquerade]: 'off' must be enabled or disabled, and is taken for enabled",
        }));

    [TestCase(Site.Web, Site.Outside, "Keep (NonMasquerade)")]
    [TestCase(Site.Web, "198.20.0.1", Translated)]
    [TestCase(Site.Web6, Site.Outside6, "Keep (NonMasquerade)")]
    public void What_is_listed_is_not_masqueraded(string from, string to, string expected)
    {
        var list = Site.List("198.18.0.0/15", "2001:db8::/64");
        Assert.That(Site.With(c => c with { NonMasquerade = list }).Verdict(from, to), Is.EqualTo(expected));
        Assert.That((Site.Inputs with { AgentList = list }).Verdict(from, to), Is.EqualTo(expected));
    }

    [TestCase("192.0.2.2")]
    [TestCase("203.0.113.2")]
    [TestCase("2001:db8:2::2")]
    public void Another_node_sees_the_pod_at_its_internal_and_external_addresses_unless_told_otherwise(string to)
    {
        var from = to.Contains(':') ? Site.Web6 : Site.Web;
        var masqueraded = Site.With(static c => c with { RemoteNodes = RemoteNodeMode.Masquerade });
        Assert.That(Site.Inputs.Verdict(from, to), Is.EqualTo("Keep (OtherNode)"));
        Assert.That(masqueraded.Verdict(from, to), Is.EqualTo("Translate 0 (RemoteNode)"));
        var excluded = masqueraded with { AgentList = Site.List("192.0.2.0/24", "203.0.113.0/24", "2001:db8:2::/64") };
        Assert.That(excluded.Verdict(from, to), Is.EqualTo("Keep (NonMasquerade)"), "lists come first");
        var inverse = Site.With(static c => c with { MasqueradeCidrs = Site.Ranges("192.0.2.0/24", "203.0.113.0/24", "2001:db8:2::/64") });
        Assert.That(inverse.Verdict(from, to), Is.EqualTo("Keep (OtherNode)"), "and no list forces it");
    }

    [Test]
    public void The_external_address_of_this_node_is_like_any_other_outside() => Assert.That(Site.Inputs.Verdict(Site.Web, "203.0.113.1"), Is.EqualTo(Translated));

    [TestCase("192.0.2.1")]
    [TestCase("192.0.2.77")]
    public void The_host_keeps_its_addresses(string from)
    {
        Assert.That(Site.Inputs.Verdict(from, Site.Outside, by: null), Is.EqualTo("Keep (Host)"));
        Assert.That(
            Site.With(static c => c with { RemoteNodes = RemoteNodeMode.Masquerade, MasqueradeForwarded = true, Interfaces = ["+"] }).Verdict(from, "192.0.2.2", by: null),
            Is.EqualTo("Keep (Host)"));
    }

    [Test]
    public void An_address_of_the_node_is_the_hosts_even_in_a_range_of_sources() =>
        Assert.That(Site.With(static c => c with { Sources = Site.Ranges("192.0.2.0/24") }).Verdict("192.0.2.1", Site.Outside, by: null), Is.EqualTo("Keep (Host)"));

    [TestCase("10.244.2.9", "eth0")]
    [TestCase("172.17.0.2", "docker0")]
    [TestCase("2001:db8:9::9", "eth0")]
    public void Pods_of_other_nodes_and_guests_are_no_sources(string from, string by)
    {
        var to = from.Contains(':') ? Site.Outside6 : Site.Outside;
        Assert.That(Site.Inputs.Verdict(from, to, by), Is.EqualTo("Keep (NoSource)"));
        Assert.That(Site.With(static c => c with { MasqueradeForwarded = true }).Verdict(from, to, by), Is.EqualTo(Translated), "unless all that is forwarded is");
        Assert.That(Site.With(c => c with { Interfaces = [by] }).Verdict(from, to, by), Is.EqualTo(Translated), "or what comes in there");
        Assert.That(Site.With(c => c with { Interfaces = [by[..2] + "+"] }).Verdict(from, to, by), Is.EqualTo(Translated), "or there and at the like");
        Assert.That(Site.With(static c => c with { Interfaces = ["wlan0"] }).Verdict(from, to, by), Is.EqualTo("Keep (NoSource)"), "elsewhere");
        Assert.That(Site.With(static c => c with { Sources = Site.Ranges("10.244.2.0/24", "172.17.0.0/16", "2001:db8:9::/64") }).Verdict(from, to, by), Is.EqualTo(Translated), "or its range");
    }

    [TestCase(Site.Web, Site.Outside)]
    [TestCase(Site.Web6, Site.Outside6)]
    [TestCase("10.244.1.200", Site.Outside)]
    public void Pods_of_this_node_are_masqueraded_known_or_not(string from, string to)
    {
        Assert.That(Site.Inputs.Verdict(from, to), Is.EqualTo(Translated));
        Assert.That(Site.Inputs.Verdict(from, to, by: null), Is.EqualTo(Translated), "also if a proxy of the host speaks for them");
    }

    [Test]
    public void A_pod_outside_the_pod_network_is_masqueraded_by_its_address()
    {
        var inputs = Site.Inputs with { Nodes = [], Pods = [new PodBuilder("shop", "web").OnNode("node-a").Address("172.31.0.7").Build()] };
        Assert.That((inputs.Verdict("172.31.0.7", Site.Outside), inputs.Verdict("172.31.0.8", Site.Outside)), Is.EqualTo((Translated, "Keep (NoSource)")));
    }

    [Test]
    public void Pods_that_are_elsewhere_or_over_or_on_the_hosts_network_have_no_address_here()
    {
        var pod = new PodBuilder("shop", "web").OnNode("node-a").Address("172.31.0.7").Build();
        Pod[] pods =
        [
            pod with { Spec = pod.Spec with { NodeName = "node-b" } }, pod with { Spec = pod.Spec with { NodeName = null } },
            pod with { Spec = pod.Spec with { HostNetwork = true } }, pod with { Status = pod.Status with { Phase = PodPhase.Succeeded } },
        ];
        Assert.That(pods.Select(static other => (Site.Inputs with { Pods = [other] }).Verdict("172.31.0.7", Site.Outside)), Has.All.EqualTo("Keep (NoSource)"));
    }

    [TestCase(Site.Web, Site.Outside, Translated)]
    [TestCase(Site.Web, "198.20.0.1", "Keep (NotListed)")]
    [TestCase(Site.Web6, Site.Outside6, "Keep (NotListed)")]
    [TestCase(Site.Web, "198.18.7.1", "Keep (NonMasquerade)")]
    public void With_an_inverse_list_only_what_is_listed_and_not_excluded_is_masqueraded(string from, string to, string expected) => Assert.That(
        Site.With(static c => c with { MasqueradeCidrs = Site.Ranges("198.18.0.0/16"), NonMasquerade = Site.List("198.18.7.0/24") }).Verdict(from, to), Is.EqualTo(expected));

    [TestCase(false, Translated, Translated)]
    [TestCase(true, "Keep (NonMasquerade)", "Keep (NonMasquerade)")]
    public void Link_local_destinations_are_masqueraded_unless_a_list_excludes_them(bool hasList, string ipv4, string ipv6)
    {
        var inputs = Site.With(c => c with { NonMasquerade = hasList ? Site.List() : null });
        Assert.That((inputs.Verdict(Site.Web, "169.254.169.254"), inputs.Verdict(Site.Web6, "fe80::1")), Is.EqualTo((ipv4, ipv6)));
        var both = Site.With(c => c with { NonMasquerade = hasList ? new() { MasqLinkLocal = true, MasqLinkLocalIPv6 = true } : null });
        Assert.That((both.Verdict(Site.Web, "169.254.169.254"), both.Verdict(Site.Web6, "fe80::1")), Is.EqualTo((Translated, Translated)));
    }

    [Test]
    public void Without_a_name_no_pod_is_of_this_node_and_no_node_is_another()
    {
        var inputs = Site.Inputs with { Node = new() };
        Assert.That(inputs.Verdict(Site.Web, Site.Outside), Is.EqualTo("Keep (NoSource)"));
        Assert.That((inputs with { Configuration = new() { Sources = Site.Ranges("10.244.0.0/16") } }).Verdict(Site.Web, "192.0.2.2"), Is.EqualTo(Translated));
    }

    [Test]
    public void A_host_without_Kubernetes_gives_sources_and_exclusions()
    {
        var inputs = new MasqueradeInputs { Configuration = new() { Sources = Site.Ranges("192.168.122.0/24", "fd7a::/64"), NonMasquerade = Site.List("192.168.0.0/16", "fd00::/8") } };
        Assert.That(inputs.Verdict("192.168.122.9", "8.8.8.8", "virbr0"), Is.EqualTo(Translated));
        Assert.That(inputs.Verdict("192.168.122.9", "192.168.1.1", "virbr0"), Is.EqualTo("Keep (NonMasquerade)"));
        Assert.That(inputs.Verdict("fd7a::9", "2001:db8::8", "virbr0"), Is.EqualTo(Translated));
        Assert.That(inputs.Verdict("192.168.123.9", "8.8.8.8", "virbr0"), Is.EqualTo("Keep (NoSource)"));
        Assert.That(inputs.Problems(), Is.Empty);
    }
}
