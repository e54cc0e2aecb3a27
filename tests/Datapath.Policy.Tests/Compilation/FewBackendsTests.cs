using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>A change of few backends of a service with many, which is brought in without a look at the others.</summary>
internal sealed class FewBackendsTests
{
    private static readonly ServicePort[] s_ports = [new() { Name = "http", Port = 80 }, new() { Name = "dns", Port = 53, Protocol = L4Protocol.Udp }];

    [Test]
    public void However_it_came_to_be_a_service_is_what_its_objects_make_of_it([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        var compiler = Make.Compiler();
        var service = ServiceOf(random);
        var slices = new Dictionary<string, EndpointSlice>();
        var (same, listed) = (0, 0);
        for (var step = 0; step < 300; step++)
        {
            List<KubernetesObject> upserted = [];
            List<ObjectKey> deleted = [];
            if (step == 0 || random.Next(30) == 0)
                upserted.Add(service = ServiceOf(random));
            foreach (var number in random.GetItems([0, 1, 2, 3], random.Next(4) == 0 ? 2 : 1).Distinct())
            {
                var name = $"slice-{number}";
                if (slices.TryGetValue(name, out var before) && random.Next(20) == 0 && slices.Remove(name))
                    deleted.Add(before.Key);
                else
                    upserted.Add(slices[name] = Change(before ?? Make.Slice(name, "web") with { Ports = PortsOf(random) }, random));
            }

            var old = BackendsOf(compiler);
            _ = compiler.Apply(new ObjectBatch([.. upserted], [.. deleted], []));
            Assert.That(compiler.Find("web"), Is.EqualTo(Make.Compiler([service, .. slices.Values]).Find("web")), $"step {step}");
            var now = BackendsOf(compiler);
            same += now.Count(backend => old.Exists(other => ReferenceEquals(other, backend)));
            listed += now.Count;
        }

        Assert.That(listed, Is.GreaterThan(3000));
        Assert.That(same, Is.GreaterThan(0.6 * listed), "who stays is the same object");
    }

    [Test]
    public void Of_a_thousand_backends_those_that_stay_are_the_same_objects_in_the_same_order()
    {
        var builder = new ServiceBuilder("default", "web").ClusterIP("10.96.0.1").Port(80, 8080);
        for (var i = 0; i < 1000; i++)
            _ = builder.Backend($"10.1.{i / 200}.{1 + (i % 200)}");
        var objects = new ServiceObjects(builder);
        var compiler = Make.Compiler([.. objects.All]);
        var before = BackendsOf(compiler);
        _ = compiler.Apply(objects.Remove("10.1.2.7"));
        var without = BackendsOf(compiler);
        Assert.That(without, Is.EqualTo(before.Where(static backend => backend.Address != L4Address.Parse("10.1.2.7:8080", null))).Using<Backend>(ReferenceEquals));
        _ = compiler.Apply(objects.Upsert(new ServiceBackend("10.1.2.7")));
        Assert.That(BackendsOf(compiler), Is.EqualTo(before));
        Assert.That(BackendsOf(compiler).Except(without, ReferenceEqualityComparer.Instance).Count(), Is.EqualTo(1));
    }

    private static List<Backend> BackendsOf(PolicyCompiler compiler) => [.. compiler.Find("web")?.Frontends.SelectMany(static frontend => frontend.Backends) ?? []];

    private static Service ServiceOf(Random random)
    {
        var service = Make.Service("web", "10.96.0.1", random.Next(3) == 0 ? [s_ports[0] with { Name = "other" }, s_ports[1]] : s_ports);
        return service with { Spec = service.Spec with { InternalTrafficPolicy = random.Next(4) == 0 ? TrafficPolicy.Local : TrafficPolicy.Cluster } };
    }

    private static ImmutableArray<EndpointPort> PortsOf(Random random) => random.Next(4) switch
    {
        0 => [new() { Port = 8080 }],
        1 => [new() { Name = "http", Port = 8080 }, new() { Name = "other", Port = 8080 }, new() { Name = "dns", Port = 5353, Protocol = L4Protocol.Udp }],
        _ => [new() { Name = "http", Port = 8080 }, new() { Name = "dns", Port = 5353, Protocol = L4Protocol.Udp }],
    };

    private static EndpointSlice Change(EndpointSlice slice, Random random)
    {
        var endpoints = slice.Endpoints.ToList();
        while (endpoints.Count < 6)
            endpoints.Add(EndpointOf(random));
        for (var changes = random.Next(12) == 0 ? 6 : 1; changes > 0; changes--)
        {
            var place = random.Next(endpoints.Count);
            if (random.Next(3) == 0 && endpoints.Count > 1)
                endpoints.RemoveAt(place);
            else if (random.Next(2) == 0)
                endpoints.Insert(place, EndpointOf(random));
            else
                endpoints[place] = endpoints[place] with { Conditions = ConditionsOf(random) };
        }

        return slice with { Endpoints = [.. endpoints] };
    }

    // Few enough addresses that slices have some in common.
    private static Endpoint EndpointOf(Random random) => Make.Endpoint($"10.1.0.{random.Next(1, 120)}", ConditionsOf(random), random.Next(3) == 0 ? "node-a" : "node-b");

    private static EndpointConditions ConditionsOf(Random random) => random.Next(5) switch
    {
        0 => new() { Ready = false, Serving = true, Terminating = true },
        1 => new() { Ready = false, Serving = false },
        _ => default,
    };
}
