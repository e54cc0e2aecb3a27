namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Node ports at the addresses of the cluster's other nodes.</summary>
internal sealed class OtherNodeTests
{
    private const string NodePort = "0.0.0.0:30080";

    private static readonly Node s_other = Node(
        "node-b", new(NodeAddress.InternalIP, "198.51.100.2"), new(NodeAddress.ExternalIP, "203.0.113.2"), new(NodeAddress.InternalIP, "fd00::2"),
        new("Hostname", "node-b"));

    [Test]
    public void A_node_port_is_served_at_the_internal_and_external_addresses_of_other_nodes()
    {
        var outcome = Outcome.Of(Given.Node, Service(), s_other, Node("node-a", new NodeAddress(NodeAddress.InternalIP, "198.51.100.1")));
        Assert.That(Served(outcome.Frontend(NodePort)), Is.EqualTo("198.51.100.2:30080/TCP 203.0.113.2:30080/TCP"));
        Assert.That(Served(outcome.Frontend(NodePort, FrontendScope.Internal)), Is.EqualTo("198.51.100.2:30080/TCP 203.0.113.2:30080/TCP"));
        Assert.That(Served(outcome.Frontend("[::]:30080")), Is.EqualTo("[fd00::2]:30080/TCP"));
        Assert.That(Served(outcome.Frontend("203.0.113.1:80")), Is.Empty);
    }

    [Test]
    public void An_address_of_this_node_or_of_a_frontend_is_left_out()
    {
        var other = Node(
            "node-b", new(NodeAddress.InternalIP, "192.0.2.9"), new(NodeAddress.InternalIP, "127.0.0.1"), new(NodeAddress.InternalIP, "0.0.0.0"),
            new(NodeAddress.InternalIP, "198.51.100.2"), new(NodeAddress.InternalIP, "198.51.100.3"));
        var holder = Make.Service("other", "198.51.100.2", new ServicePort { Port = 30080 });
        Assert.That(Served(Outcome.Of(Given.Node, Service(), holder, other).Frontend(NodePort)), Is.EqualTo("198.51.100.3:30080/TCP"));
    }

    [Test]
    public void Without_a_name_of_this_node_nobody_knows_which_are_others() =>
        Assert.That(Served(Outcome.Of(Given.Node with { Name = "" }, Service(), s_other).Frontend(NodePort)), Is.Empty);

    [Test]
    public void Nodes_and_frontends_come_move_and_go()
    {
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(Service(), s_other));
        Assert.That(Now(), Is.EqualTo("198.51.100.2:30080/TCP 203.0.113.2:30080/TCP"));
        Assert.That(compiler.Apply(ObjectBatch.Upsert(s_other with { PodCidrs = ["10.1.0.0/24"] })).Changes.IsEmpty, Is.True);
        compiler.Apply(ObjectBatch.Upsert(Node("node-b", new NodeAddress(NodeAddress.InternalIP, "198.51.100.3"))));
        Assert.That(Now(), Is.EqualTo("198.51.100.3:30080/TCP"));
        var holder = Make.Service("other", "198.51.100.3", new ServicePort { Port = 30080 });
        compiler.Apply(ObjectBatch.Upsert(holder));
        Assert.That(Now(), Is.Empty);
        compiler.Apply(ObjectBatch.Delete(holder.Key));
        Assert.That(Now(), Is.EqualTo("198.51.100.3:30080/TCP"));
        compiler.Apply(compiler.Node with { Name = "node-b" });
        Assert.That(Now(), Is.Empty);
        compiler.Apply(compiler.Node with { Name = "node-a" });
        compiler.Apply(ObjectBatch.Delete(s_other.Key));
        Assert.That(Now(), Is.Empty);

        string Now() => Served(compiler.Find("web")!.Frontends.First(frontend => frontend.Address == L4Address.Parse(NodePort)));
    }

    [Test]
    public void A_policy_for_a_node_port_at_another_node_waits_until_nothing_serves_it_there()
    {
        var compiler = new PolicyCompiler(Given.Node);
        var policy = PolicyAt(30080);
        compiler.Apply(ObjectBatch.Upsert(policy, Given.Pod()));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Active));
        compiler.Apply(ObjectBatch.Upsert(s_other));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Active));
        compiler.Apply(ObjectBatch.Upsert(Service()));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Conflict));
        Assert.That(compiler.Find("local:local-redirect")!.Frontends, Is.Empty);
        compiler.Apply(ObjectBatch.Delete(s_other.Key));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Active));
        compiler.Apply(ObjectBatch.Upsert(s_other));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Conflict));
        compiler.Apply(ObjectBatch.Delete(Service().Key));
        Assert.That(Status(), Is.EqualTo(ObjectCondition.Active));

        ObjectCondition Status() => compiler.TryGetStatus(policy.Key, out var status) ? status.Condition : default;
    }

    [Test]
    public void A_host_port_keeps_no_policy_from_the_addresses_of_other_nodes()
    {
        var pod = Given.Pod("cache", new ContainerPort { Port = 8080, HostPort = 88 });
        Assert.That(Outcome.Of(Given.Node, pod, s_other, PolicyAt(88)).Frontend("198.51.100.2:88").Type, Is.EqualTo(FrontendType.LocalRedirect));
    }

    private static CiliumLocalRedirectPolicy PolicyAt(int port) => Given.AddressPolicy() with
    {
        Frontend = new() { AddressMatcher = new() { IP = "198.51.100.2", ToPorts = [new() { Port = port }] } },
    };

    private static Service Service() =>
        Given.Service(spec => spec with { IPFamilies = [IPFamily.IPv4, IPFamily.IPv6], ExternalTrafficPolicy = TrafficPolicy.Local });

    private static Node Node(string name, params NodeAddress[] addresses) => new() { Metadata = new() { Name = name }, Addresses = [.. addresses] };

    private static string Served(Frontend frontend) => string.Join(' ', frontend.OtherNodeAddresses);
}
