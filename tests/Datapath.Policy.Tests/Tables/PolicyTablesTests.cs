using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Datapath.Policy.Tables;

namespace Datapath.Policy.Tests.Tables;

/// <summary>The tables as a whole. What is in them is the matter of the conformance cases.</summary>
internal sealed class PolicyTablesTests
{
    private static readonly KubernetesObject[] s_objects =
    [
        Make.Service("web", "10.96.0.1", new ServicePort { Name = "t", Port = 80 }, new ServicePort { Name = "u", Port = 80, Protocol = L4Protocol.Udp }),
        Make.Service("other", "10.96.0.2"),
        Make.Slice("web-1", "web", Make.Endpoint("10.0.0.2"), Make.Endpoint("10.0.0.1")),
        Make.Slice("other-1", "other", Make.Endpoint("10.0.0.2")),
    ];

    [Test]
    public void The_order_of_the_input_does_not_show()
    {
        var expected = Json(s_objects);
        Assert.That(Json([.. s_objects.Reverse()]), Is.EqualTo(expected));
        Assert.That(Json([s_objects[2], s_objects[0], s_objects[3], s_objects[1]]), Is.EqualTo(expected));
    }

    [Test]
    public void A_stream_gets_what_the_text_is()
    {
        var tables = Of(s_objects);
        using var stream = new MemoryStream();
        tables.WriteTo(stream);
        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo(tables.ToJson()));
    }

    [Test]
    public void Every_table_is_there_even_if_it_is_empty()
    {
        using var document = JsonDocument.Parse(Json([]));
        Assert.That(
            document.RootElement.EnumerateObject().Select(static table => table.Name),
            Is.EqualTo(new[]
            {
                "frontends", "backends", "services", "localRedirectPolicies", "clusterLocalRedirectPolicies", "ranges", "skipLb", "skipLbMap", "pods",
                "maps", "backendWeights", "objects",
            }));
        Assert.That(
            document.RootElement.GetProperty("maps").EnumerateObject().Select(static table => table.Name),
            Is.EqualTo(new[] { "frontends", "wildcards", "backends" }));
    }

    [Test]
    public void A_backend_of_two_services_is_in_the_maps_once()
    {
        var tables = Of(s_objects);
        Assert.That(
            tables.Backends.Select(static row => $"{row.Address} {row.Service}"),
            Is.EqualTo(new[] { "10.0.0.1:8080/TCP default/web", "10.0.0.2:8080/TCP default/other", "10.0.0.2:8080/TCP default/web" }));
        Assert.That(tables.Maps.Backends.Keys, Is.EqualTo(new[] { "10.0.0.1:8080/TCP", "10.0.0.2:8080/TCP" }));
        Assert.That(tables.BackendWeights.Keys, Is.EqualTo(tables.Maps.Backends.Keys));
    }

    [Test]
    public void A_backend_of_two_services_is_in_the_maps_with_its_best_state()
    {
        var leaving = Make.Slice("other-1", "other", Make.Endpoint("10.0.0.2", new() { Ready = false, Terminating = true }));
        var tables = Of([.. s_objects[..3], leaving]);
        Assert.That(tables.Backends.Select(static row => row.State), Is.EqualTo(new[] { "active", "terminating", "active" }));
        Assert.That(tables.Maps.Backends["10.0.0.2:8080/TCP"], Is.EqualTo("active"));
    }

    [Test]
    public void Pods_of_the_node_are_listed_by_name()
    {
        var pods = new[]
        {
            new PodBuilder("shop", "web").OnNode("node-a").Address("10.1.0.2").Address("fd01::2"),
            new PodBuilder("infra", "agent").OnNode("node-a").Address("192.0.2.1").HostNetwork(),
            new PodBuilder("infra", "mesh").OnNode("node-a").Exempt(),
            new PodBuilder("infra", "far").OnNode("node-b"),
        };
        Assert.That(
            Of([.. pods.Select(static pod => pod.Build())]).Pods.Select(static row => $"{row.Pod} [{string.Join(' ', row.Addresses)}] {row.IsHostNetwork} {row.IsExempt}"),
            Is.EqualTo(new[] { "infra/agent [192.0.2.1] True False", "infra/mesh [] False True", "shop/web [10.1.0.2 fd01::2] False False" }));
    }

    [Test]
    public void Protocols_are_ordered_by_their_letters_at_one_address_only()
    {
        string[] expected = ["10.0.0.1:80/SCTP", "10.0.0.1:80/TCP", "10.0.0.1:80/UDP", "10.0.0.1:81/TCP", "10.0.0.2:80/SCTP", "[2001:db8::]:1/TCP"];
        var addresses = expected.Reverse().Select(static text => L4Address.Parse(text)).Order(TableOrder.OfAddresses);
        Assert.That(addresses.Select(static address => address.ToString()), Is.EqualTo(expected));
    }

    private static PolicyTables Of(KubernetesObject[] objects) =>
        PolicyTables.Of(Make.Compiler(objects), ImmutableDictionary<PodName, ulong>.Empty);

    private static string Json(KubernetesObject[] objects) => Of(objects).ToJson();
}
