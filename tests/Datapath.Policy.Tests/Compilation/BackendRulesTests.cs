namespace Datapath.Policy.Tests.Compilation;

internal sealed class BackendRulesTests
{
    [TestCase(null, null, null, BackendState.Active)]
    [TestCase(true, null, null, BackendState.Active)]
    [TestCase(true, false, true, BackendState.Active)]
    [TestCase(null, false, true, BackendState.Active)]
    [TestCase(false, true, true, BackendState.Terminating)]
    [TestCase(false, null, true, BackendState.Terminating)]
    [TestCase(false, false, true, BackendState.TerminatingNotServing)]
    [TestCase(false, true, false, BackendState.Maintenance)]
    [TestCase(false, null, null, BackendState.Maintenance)]
    [TestCase(false, false, null, BackendState.Maintenance)]
    public void Conditions_give_the_state(bool? ready, bool? serving, bool? terminating, BackendState expected) =>
        Assert.That(new EndpointConditions(ready, serving, terminating).State, Is.EqualTo(expected));

    [Test]
    public void Backends_are_ordered_by_state_then_address_then_port_and_active_ones_are_usable()
    {
        var slice = Make.Slice(
            "s", "web",
            Make.Endpoint("10.0.0.9"), Make.Endpoint("10.0.0.1", new(false)), Make.Endpoint("10.0.0.2", new(false, false, true)),
            Make.Endpoint("10.0.0.3", new(false, true, true)), Make.Endpoint("10.0.0.10"));
        slice = slice with { Ports = [new() { Name = "b", Port = 9000 }, new() { Name = "a", Port = 8080 }] };
        var frontend = Make.Compiler(Make.Service("web"), slice).Find("web")!.Frontends[0];
        Assert.That(frontend.Texts(), Is.EqualTo(new[]
        {
            "10.0.0.9:8080/TCP Active", "10.0.0.9:9000/TCP Active", "10.0.0.10:8080/TCP Active", "10.0.0.10:9000/TCP Active",
            "10.0.0.3:8080/TCP Terminating", "10.0.0.3:9000/TCP Terminating",
            "10.0.0.2:8080/TCP TerminatingNotServing", "10.0.0.2:9000/TCP TerminatingNotServing",
            "10.0.0.1:8080/TCP Maintenance", "10.0.0.1:9000/TCP Maintenance",
        }));
        Assert.That(frontend.UsableCount, Is.EqualTo(4));
    }

    [Test]
    public void Terminating_backends_serve_only_while_none_is_active()
    {
        var terminating = Make.Endpoint("10.0.0.1", new(false, true, true));
        var compiler = Make.Compiler(Make.Service("web"), Make.Slice("s", "web", terminating, Make.Endpoint("10.0.0.2", new(false))));
        Assert.That(compiler.Find("web")!.Frontends[0].UsableCount, Is.EqualTo(1));
        Assert.That(compiler.Find("web")!.Frontends[0].Usable[0].Address, Is.EqualTo(L4Address.Parse("10.0.0.1:8080")));
        compiler.Apply(ObjectBatch.Upsert(Make.Slice("s", "web", terminating, Make.Endpoint("10.0.0.2"))));
        Assert.That(compiler.Find("web")!.Frontends[0].Usable[0].Address, Is.EqualTo(L4Address.Parse("10.0.0.2:8080")));
        Assert.That(compiler.Find("web")!.Frontends[0].UsableCount, Is.EqualTo(1));
    }

    [Test]
    public void Protocol_and_family_must_match()
    {
        var service = Make.Service("web", "10.96.0.1", new ServicePort { Port = 53, Name = "u", Protocol = L4Protocol.Udp });
        service = service with { Spec = service.Spec with { ClusterIPs = ["10.96.0.1", "fd00::1"] } };
        var v4 = Make.Slice("v4", "web", Make.Endpoint("10.0.0.1")) with
        {
            Ports = [new() { Name = "t", Port = 53 }, new() { Name = "u", Port = 53, Protocol = L4Protocol.Udp }],
        };
        var v6 = Make.Slice("v6", "web", Make.Endpoint("fd00::a")) with
        {
            AddressType = AddressType.IPv6,
            Ports = [new() { Name = "u", Port = 5353, Protocol = L4Protocol.Udp }],
        };
        var frontends = Make.Compiler(v6, service, v4).Find("web")!.Frontends;
        Assert.That(frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.1:53/UDP Active" }));
        Assert.That(frontends[1].Texts(), Is.EqualTo(new[] { "[fd00::a]:5353/UDP Active" }));
    }

    [Test]
    public void Port_names_matter_only_if_both_sides_have_one()
    {
        var service = Make.Service("web", "10.96.0.1", new ServicePort { Name = "http", Port = 80 }, new ServicePort { Name = "other", Port = 81 });
        var named = Make.Slice("named", "web", Make.Endpoint("10.0.0.1")) with { Ports = [new() { Name = "http", Port = 8080 }] };
        var unnamed = Make.Slice("unnamed", "web", Make.Endpoint("10.0.0.2"));
        var frontends = Make.Compiler(service, named, unnamed).Find("web")!.Frontends;
        Assert.That(frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.1:8080/TCP Active", "10.0.0.2:8080/TCP Active" }));
        Assert.That(frontends[1].Texts(), Is.EqualTo(new[] { "10.0.0.2:8080/TCP Active" }));
    }

    [Test]
    public void An_address_in_several_slices_is_one_backend_in_its_best_state_with_all_its_names()
    {
        var service = Make.Service("web", "10.96.0.1", new ServicePort { Name = "a", Port = 80 }, new ServicePort { Name = "b", Port = 81 });
        var one = Make.Slice("one", "web", Make.Endpoint("10.0.0.1", new(false))) with { Ports = [new() { Name = "a", Port = 8080 }] };
        var two = Make.Slice("two", "web", Make.Endpoint("10.0.0.1", new(true), "node-b")) with { Ports = [new() { Name = "b", Port = 8080 }] };
        foreach (var objects in new KubernetesObject[][] { [service, one, two], [two, one, service] })
        {
            var frontends = Make.Compiler(objects).Find("web")!.Frontends;
            var backend = new Backend(L4Address.Parse("10.0.0.1:8080"), BackendState.Active, "node-b");
            Assert.That(frontends.Select(frontend => frontend.Backends.Single()), Is.All.EqualTo(backend));
        }
    }

    [Test]
    public void Internal_traffic_policy_local_keeps_backends_of_this_node_and_of_no_node()
    {
        var service = Make.Service("web");
        service = service with { Spec = service.Spec with { InternalTrafficPolicy = TrafficPolicy.Local } };
        var slice = Make.Slice(
            "s", "web", Make.Endpoint("10.0.0.1", node: "node-a"), Make.Endpoint("10.0.0.2", node: "node-b"), Make.Endpoint("10.0.0.3"));
        var compiler = Make.Compiler(service, slice);
        Assert.That(compiler.Find("web")!.Frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.1:8080/TCP Active", "10.0.0.3:8080/TCP Active" }));
        var result = compiler.Apply(new NodeConfiguration { Name = "node-b" });
        Assert.That(result.Changes.Upserted.Single().Name.Name, Is.EqualTo("web"));
        Assert.That(compiler.Find("web")!.Frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.2:8080/TCP Active", "10.0.0.3:8080/TCP Active" }));
    }

    [Test]
    public void Placeholder_endpoints_and_ports_without_a_number_give_no_backend()
    {
        var slice = Make.Slice("s", "web", Make.Endpoint("192.192.192.192"), Make.Endpoint("10.0.0.1")) with
        {
            Ports = [new() { Name = "a", Port = 9999 }, new() { Name = "b" }],
        };
        Assert.That(Make.Compiler(Make.Service("web"), slice).Find("web")!.Frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.1:9999/TCP Active" }));
    }

    [Test]
    public void All_addresses_of_an_endpoint_are_backends()
    {
        var slice = Make.Slice("s", "web", new Endpoint { Addresses = ["10.0.0.1", "10.0.0.2"] });
        Assert.That(Make.Compiler(Make.Service("web"), slice).Find("web")!.Frontends[0].UsableCount, Is.EqualTo(2));
    }

    [Test]
    public void Slices_of_the_same_name_in_other_namespaces_are_unrelated()
    {
        var here = Make.Slice("s", "web", Make.Endpoint("10.0.0.1"));
        var there = Make.Slice("s", "web", Make.Endpoint("10.0.0.2")).With(meta => meta with { Namespace = "other" });
        var compiler = Make.Compiler(Make.Service("web"), here, there);
        compiler.Apply(ObjectBatch.Delete(there.Key));
        Assert.That(compiler.Find("web")!.Frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.1:8080/TCP Active" }));
    }
}
