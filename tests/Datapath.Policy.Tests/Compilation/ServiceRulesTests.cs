using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation;

internal sealed class ServiceRulesTests
{
    [Test]
    public void Every_cluster_address_has_a_frontend_for_every_port()
    {
        var service = Make.Service(
            "dns", "10.96.0.10",
            new ServicePort { Name = "dns", Port = 53, Protocol = L4Protocol.Udp },
            new ServicePort { Name = "sig", Port = 9, Protocol = L4Protocol.Sctp });
        service = service with { Spec = service.Spec with { ClusterIPs = ["10.96.0.10", "fd00::a"] } };
        Assert.That(
            Make.Compiler(service).Find("dns")!.Frontends.Select(frontend => $"{frontend.Address} {frontend.PortName}"),
            Is.EqualTo(new[] { "10.96.0.10:53/UDP dns", "10.96.0.10:9/SCTP sig", "[fd00::a]:53/UDP dns", "[fd00::a]:9/SCTP sig" }));
    }

    [TestCase(ServiceType.NodePort)]
    [TestCase(ServiceType.LoadBalancer)]
    public void Other_types_get_their_cluster_frontends(ServiceType type)
    {
        var service = Make.Service("web");
        var compiler = Make.Compiler(service with { Spec = service.Spec with { Type = type } });
        Assert.That(compiler.Find("web")!.Frontends, Has.Length.EqualTo(1));
    }

    [TestCase("None")]
    [TestCase("none")]
    public void A_service_without_cluster_address_by_intention_is_headless(string clusterIP)
    {
        var service = Make.Service("web", clusterIP);
        var compiler = Make.Compiler(service);
        Assert.That(compiler.Find("web")!.Frontends, Is.Empty);
        Assert.That(compiler.Status(service).Condition, Is.EqualTo(ObjectCondition.Headless));
    }

    [Test]
    public void The_headless_label_makes_a_service_headless()
    {
        var service = Make.Service("web").With(meta => Make.Labelled("web", "service.kubernetes.io/headless", ""));
        Assert.That(Make.Compiler(service).Status(service).Condition, Is.EqualTo(ObjectCondition.Headless));
    }

    [Test]
    public void An_external_name_has_no_frontends_and_is_no_error()
    {
        var service = Make.Service("web", null) with { Spec = new() { Type = ServiceType.ExternalName } };
        var compiler = Make.Compiler(service);
        Assert.That(compiler.Find("web")!.Frontends, Is.Empty);
        Assert.That(compiler.Status(service).Condition, Is.EqualTo(ObjectCondition.Accepted));
    }

    [Test]
    public void A_service_that_waits_for_its_address_is_accepted()
    {
        var service = Make.Service("web", null);
        var status = Make.Compiler(service).Status(service);
        Assert.That(status.Condition, Is.EqualTo(ObjectCondition.Accepted));
        Assert.That(status.Message, Does.Contain("cluster IP"));
    }

    [Test]
    public void A_service_with_another_proxy_is_skipped_and_claims_nothing()
    {
        var theirs = Make.Service("a").With(meta => Make.Labelled("a", "service.kubernetes.io/service-proxy-name", "mesh"));
        var ours = Make.Service("b");
        var compiler = Make.Compiler(theirs, ours);
        Assert.That(compiler.Find("a"), Is.Null);
        Assert.That(compiler.Status(theirs).Condition, Is.EqualTo(ObjectCondition.Skipped));
        Assert.That(compiler.Status(ours).Condition, Is.EqualTo(ObjectCondition.NoBackends));
    }

    [Test]
    public void The_status_tells_active_from_no_backends()
    {
        var service = Make.Service("web", "10.96.0.1", new ServicePort { Name = "a", Port = 80 }, new ServicePort { Name = "b", Port = 81 });
        var compiler = Make.Compiler(service);
        Assert.That(compiler.Status(service).ToString(), Is.EqualTo("Service default/web: NoBackends: 2 frontends without a usable backend"));
        var slice = Make.Slice("s", "web", Make.Endpoint("10.0.0.1")) with { Ports = [new() { Name = "a", Port = 1 }] };
        compiler.Apply(ObjectBatch.Upsert(slice));
        Assert.That(compiler.Status(service).Message, Is.EqualTo("2 frontends, 1 of them without a usable backend"));
        compiler.Apply(ObjectBatch.Upsert(slice with { Ports = [new() { Port = 1 }] }));
        Assert.That(compiler.Status(service), Is.EqualTo(new ObjectStatus(service.Key, ObjectCondition.Active, 2, "2 frontends")));
    }

    [TestCase("http", "web", ": its ports are named 'http', those of its slices 'web'")]
    [TestCase("http", "", null)]
    [TestCase("", "web", null)]
    [TestCase("http", "http", null)]
    public void Names_of_ports_that_have_nothing_in_common_are_told(string wanted, string given, string? hint)
    {
        var service = Make.Service("web", "10.96.0.1", new ServicePort { Name = wanted, Port = 80 });
        var compiler = Make.Compiler(service, Make.Slice("s", "web", Make.Endpoint("10.0.0.1")) with { Ports = [new() { Name = given, Port = 8080 }] });
        Assert.That(compiler.Status(service).Message, Is.EqualTo(hint is null ? "1 frontend" : $"1 frontend without a usable backend{hint}"));
        Assert.That(compiler.Status(service).LacksPort, Is.EqualTo(hint is not null));
    }

    [TestCase("10.96.0.1", "fd00::1", "1 frontend without a usable backend: no backend of IPv4, and its backends of IPv6 get no dials: it has no address of IPv6")]
    [TestCase("fd10::1", "10.0.0.1", "1 frontend without a usable backend: no backend of IPv6, and its backends of IPv4 get no dials: it has no address of IPv4")]
    [TestCase("10.96.0.1", "10.0.0.1 fd00::1", "1 frontend; its backends of IPv6 get no dials: it has no address of IPv6")]
    [TestCase("10.96.0.1", "10.0.0.1", null)]
    [TestCase("10.96.0.1 fd10::1", "10.0.0.1 fd00::1", null)]
    [TestCase("10.96.0.1 fd10::1", "fd00::1", null)]
    [TestCase("10.96.0.1", "", null)]
    public void Backends_of_a_family_that_the_service_has_not_are_told(string addresses, string backends, string? message)
    {
        var builder = new ServiceBuilder("default", "web").Port(80);
        foreach (var address in addresses.Split(' '))
            builder = builder.ClusterIP(address);
        foreach (var backend in backends.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            builder = builder.Backend(backend);
        var compiler = Make.Compiler([.. builder.Build()]);
        var status = compiler.Status(builder.ToService());
        Assert.That(status.LacksFamily, Is.EqualTo(message is not null));
        if (message is not null)
            Assert.That(status.Message, Is.EqualTo(message));
    }

    [Test]
    public void An_invalid_object_is_rejected_with_every_reason_and_counts_as_absent()
    {
        var good = Make.Service("web");
        var compiler = Make.Compiler(good);
        var bad = good with { Spec = good.Spec with { ClusterIP = "10.96.0.999", Ports = [new() { Port = 70000 }] } };
        var result = compiler.Apply(ObjectBatch.Upsert(bad));
        Assert.That(result.Changes.Removed, Is.EqualTo(new[] { good.ServiceName }));
        Assert.That(
            compiler.Status(bad).Message,
            Is.EqualTo("spec.clusterIP: '10.96.0.999' must be an IP address; spec.ports[0].port: '70000' must be 1 to 65535"));
        Assert.That(compiler.Apply(ObjectBatch.Upsert(good)).Changes.Upserted, Has.Length.EqualTo(1));
    }

    [Test]
    public void Slices_have_a_status_too()
    {
        var slice = Make.Slice("s", "web", Make.Endpoint("10.0.0.1"));
        var names = slice.With(meta => meta with { Name = "names" }) with { AddressType = AddressType.Fqdn };
        var orphan = slice.With(meta => new() { Name = "orphan" });
        var bad = slice.With(meta => meta with { Name = "bad" }) with { Endpoints = [Make.Endpoint("127.0.0.1")] };
        var compiler = Make.Compiler(slice, names, orphan, bad);
        Assert.That(compiler.Status(slice).Message, Does.Contain("does not exist"));
        compiler.Apply(ObjectBatch.Upsert(Make.Service("web")));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(compiler.Status(slice).Message, Is.EqualTo("endpoints of service default/web"));
            Assert.That(compiler.Status(names).Condition, Is.EqualTo(ObjectCondition.Unsupported));
            Assert.That(compiler.Status(orphan).Condition, Is.EqualTo(ObjectCondition.Skipped));
            Assert.That(compiler.Status(bad).Message, Is.EqualTo("endpoints[0].addresses[0]: '127.0.0.1' must not be a loopback address"));
            Assert.That(compiler.Statuses.Count(), Is.EqualTo(5));
        }

        compiler.Apply(ObjectBatch.Delete([.. compiler.Statuses.Select(status => status.Object)]));
        Assert.That(compiler.Statuses, Is.Empty);
    }

    [Test]
    public void An_object_made_with_unset_arrays_is_judged_and_not_a_crash()
    {
        var service = Make.Service("web") with { Spec = new() { Ports = default, ClusterIPs = default, IPFamilies = default } };
        var slice = Make.Slice("s", "web") with { Endpoints = [new() { Addresses = default }], Ports = default };
        var compiler = Make.Compiler(service, slice);
        Assert.That(compiler.Status(service).Message, Is.EqualTo("spec.ports: needs at least one port"));
        Assert.That(compiler.Status(slice).Message, Is.EqualTo("endpoints[0].addresses: must have 1 to 100 addresses"));
    }

    [Test]
    public void Equal_objects_are_equal_by_value()
    {
        var labels = ImmutableDictionary<string, string>.Empty.Add("a", "1").Add("b", "2");
        var left = Make.Slice("s", "web", Make.Endpoint("10.0.0.1")).With(meta => meta with { Annotations = labels });
        var right = Make.Slice("s", "web", Make.Endpoint("10.0.0.1"))
            .With(meta => meta with { Annotations = ImmutableDictionary<string, string>.Empty.Add("b", "2").Add("a", "1") });
        Assert.That(right, Is.EqualTo(left));
        Assert.That(right.GetHashCode(), Is.EqualTo(left.GetHashCode()));
        Assert.That(right.With(meta => meta with { Annotations = labels.SetItem("a", "2") }), Is.Not.EqualTo(left));
    }
}
