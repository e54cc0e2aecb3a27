namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Which frontends are at an address of the node itself.</summary>
internal sealed class NodeOwnAddressTests
{
    private const string Elsewhere = "203.0.113.9";
    private static readonly Service s_external = Given.Service(spec => spec with { ExternalIPs = ["192.0.2.9", "fd00::1", Elsewhere] });

    [TestCase("192.0.2.9:80", true, TestName = "An_external_IP_of_the_node_is_its_own_also_without_node_ports_there")]
    [TestCase("[fd00::1]:80", true, TestName = "So_is_an_IPv6_one")]
    [TestCase(Elsewhere + ":80", false, TestName = "Another_external_IP_is_not")]
    [TestCase("203.0.113.1:80", false, TestName = "Nor_is_the_address_of_a_load_balancer_elsewhere")]
    [TestCase("10.96.0.1:80", false, TestName = "Nor_is_a_cluster_address")]
    [TestCase("0.0.0.0:30080", false, TestName = "Nor_is_the_unspecified_address")]
    public void An_address_of_the_node_is_known_as_such(string address, bool expected) =>
        Assert.That(Outcome.Of(Given.Node, s_external).Frontend(address).IsAtNode, Is.EqualTo(expected));

    [Test]
    public void The_address_of_a_load_balancer_may_be_the_node_s()
    {
        var service = Given.Service() with { Status = new() { LoadBalancerIngress = [new() { IP = "192.0.2.9" }] } };
        Assert.That(Outcome.Of(Given.Node, service).Frontend("192.0.2.9:80").IsAtNode);
    }

    [TestCase("192.0.2.1", true)]
    [TestCase("203.0.113.9", false)]
    public void A_host_port_at_an_address_of_the_node_is_known_as_such(string hostIP, bool expected)
    {
        var pod = Given.Pod("cache", new ContainerPort { Port = 8080, HostPort = 80, HostIP = hostIP });
        Assert.That(Outcome.Of(Given.Node, pod).Frontend($"{hostIP}:80").IsAtNode, Is.EqualTo(expected));
    }

    [Test]
    public void External_IPs_anywhere_count_as_the_node_s_and_others_do_not()
    {
        var outcome = Outcome.Of(Given.Node with { ExternalIPsAnywhere = true }, s_external);
        Assert.That(outcome.Frontend(Elsewhere + ":80").IsAtNode);
        Assert.That(outcome.Frontend("203.0.113.1:80").IsAtNode, Is.False);
    }

    [Test]
    public void When_the_node_gets_the_address_the_frontend_changes()
    {
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(s_external));
        var changes = compiler.Apply(Given.Node with { Addresses = [.. Given.Node.Addresses, new(System.Net.IPAddress.Parse(Elsewhere))] }).Changes;
        Assert.That(changes.Upserted.Single().Frontends.Single(static f => f.Address == L4Address.Parse(Elsewhere + ":80")).IsAtNode);
        changes = compiler.Apply(Given.Node).Changes;
        Assert.That(changes.Upserted.Single().Frontends.Single(static f => f.Address == L4Address.Parse(Elsewhere + ":80")).IsAtNode, Is.False);
    }
}
