using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>Set-ups that are valid and hardly meant.</summary>
internal sealed class WarningTests
{
    private static readonly NonMasqueradeList s_pods = Site.List("10.244.0.0/16", "fd00::/16");

    [Test]
    public void Pods_of_other_nodes_must_be_excluded_by_something() => Assert.That(
        Site.Inputs.Problems(),
        Is.EqualTo(new[]
        {
            "Warning: IPv4NativeRoutingCidr: is not set and there is no list: pods of other nodes see this node's address, not that of the pod: 10.244.2.0/24 of node node-b",
            "Warning: IPv6NativeRoutingCidr: is not set and there is no list: pods of other nodes see this node's address, not that of the pod: fd00:2::/64 of node node-b",
        }));

    [Test]
    public void It_is_said_too_if_nobody_knows_their_network()
    {
        var nodes = Site.Inputs.Nodes.Select(static node => node with { PodCidrs = [] });
        Assert.That(
            (Site.Inputs with { Nodes = [.. nodes] }).Problems()[0],
            Is.EqualTo("Warning: IPv4NativeRoutingCidr: is not set and there is no list: pods of other nodes see this node's address, not that of the pod"));
    }

    [Test]
    public void Exclusions_that_have_the_pod_networks_are_nothing_to_speak_of()
    {
        Assert.That(Site.With(static c => c with { NonMasquerade = s_pods }).Problems(), Is.Empty);
        Assert.That((Site.Inputs with { AgentList = s_pods }).Problems(), Is.Empty);
        Assert.That(Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"), EnableIPv6Masquerade = false }).Problems(), Is.Empty);
        Assert.That(Site.With(static c => c with { NonMasquerade = Site.List("10.244.1.0/24", "10.244.2.0/25", "10.244.2.128/25", "fd00::/16") }).Problems(), Is.Empty, "in two halves");
    }

    [Test]
    public void A_single_node_needs_no_exclusion() => Assert.That((Site.Inputs with { Nodes = [.. Site.Inputs.Nodes.Take(1)] }).Problems(), Is.Empty);

    [Test]
    public void A_list_that_lacks_a_pod_network_is_warned_about_with_the_first_of_them()
    {
        Assert.That(
            (Site.Inputs with { AgentList = Site.List("10.244.1.0/24", "fd00::/16") }).Problems(),
            Is.EqualTo(new[] { "Warning: AgentList: lacks a pod network, whose pods see this node's address, not that of the pod: 10.244.2.0/24 of node node-b" }));
        Assert.That(
            Site.With(static c => c with { NonMasquerade = Site.List("fd00::/16") }).Problems(),
            Is.EqualTo(new[] { "Warning: NonMasquerade: lacks a pod network, whose pods see this node's address, not that of the pod: 10.244.1.0/24 of this node, and 1 more network" }));
        Assert.That(
            Site.With(static c => c with { NonMasquerade = Site.List("10.244.1.0/24", "10.244.2.0/25", "fd00::/16") }).Problems(), Has.Length.EqualTo(1), "half of one");
    }

    [Test]
    public void A_native_routing_range_that_lacks_a_pod_network_is_warned_about() => Assert.That(
        Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.244.0.0/23"), EnableIPv6Masquerade = false }).Problems(),
        Is.EqualTo(new[] { "Warning: IPv4NativeRoutingCidr: '10.244.0.0/23' lacks a pod network, whose pods see this node's address, not that of the pod: 10.244.2.0/24 of node node-b" }));

    [Test]
    public void An_inverse_list_without_the_pod_networks_is_enough_and_one_with_them_is_not()
    {
        Assert.That(Site.With(static c => c with { MasqueradeCidrs = Site.Ranges("198.18.0.0/15"), NonMasquerade = Site.List() }).Problems(), Is.Empty);
        Assert.That(Site.With(static c => c with { MasqueradeCidrs = Site.Ranges("10.0.0.0/8"), NonMasquerade = Site.List() }).Problems(), Has.Length.EqualTo(1));
    }

    [Test]
    public void An_exclusion_of_everything_is_warned_about() => Assert.That(
        Site.With(static c => c with { NonMasquerade = Site.List("0.0.0.0/0", "fd00::/16") }).Problems(),
        Is.EqualTo(new[] { "Warning: NonMasquerade: '0.0.0.0/0' excludes every destination: nothing of the family is masqueraded, by NonMasquerade" }));

    [Test]
    public void A_node_without_a_name_has_no_pods() => Assert.That(
        (Site.Inputs with { Node = new() }).Problems(),
        Is.EqualTo(new[]
        {
            "Warning: Node.Name: '' is no name: no pod is of this node, and no node is another",
            "Warning: Sources: has nothing, and there are no pods, no pod network and no interfaces: nothing is masqueraded",
        }));

    [Test]
    public void Where_nothing_is_masqueraded_by_intention_nothing_is_said()
    {
        Assert.That(new MasqueradeInputs { Configuration = new() { EnableIPv4Masquerade = false, EnableIPv6Masquerade = false } }.Problems(), Is.Empty);
        Assert.That(new MasqueradeInputs { Configuration = new() { MasqueradeForwarded = true } }.Problems(), Is.Empty);
        Assert.That(new MasqueradeInputs { Configuration = new() { Interfaces = ["virbr0"] } }.Problems(), Is.Empty);
    }

    [Test]
    public void Fixed_addresses_that_the_node_does_not_have_are_warned_about() => Assert.That(
        Site.With(static c => c with
        {
            NonMasquerade = s_pods,
            AddressSource = MasqueradeAddressSource.Fixed,
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.99")],
            Pools = [new() { Name = "blue", Addresses = [IPAddress.Parse("192.0.2.98")] }],
        }).Problems(),
        Is.EqualTo(new[]
        {
            "Warning: Addresses[1]: '192.0.2.99' is no address of the node: answers come back only if somebody routes it here",
            "Warning: Pools[0].Addresses[0]: '192.0.2.98' is no address of the node: answers come back only if somebody routes it here",
        }));

    [Test]
    public void Invalid_objects_are_remarked_upon_and_count_as_absent()
    {
        var inputs = Site.Inputs with
        {
            Pods = [new PodBuilder("shop", "bad").OnNode("node-a").Address("172.31.0.7").Address("172.31.0").Build()],
            Nodes = [Site.Node("node-b", "2", new NodeAddress(NodeAddress.InternalIP, "192.0.2"))],
        };
        Assert.That(inputs.Verdict("172.31.0.7", Site.Outside), Is.EqualTo("Keep (NoSource)"));
        Assert.That(
            inputs.Remarks(),
            Is.EqualTo(new[]
            {
                "Pod shop/bad: is refused: status.podIPs[1].ip: '172.31.0' must be an IP address",
                "Node node-b: is refused: status.addresses[0].address: '192.0.2' must be an IP address, as type InternalIP says",
            }));
    }
}
