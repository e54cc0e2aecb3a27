using System.Text.Json.Nodes;

namespace Datapath.Policy.Tests.Manifests;

/// <summary>Random redirect policies, most of them nearly valid, against a second reading of the rules.</summary>
internal sealed class RandomPolicyTests
{
    private const int Rounds = 20_000;

    private static readonly string[] s_protocols = ["TCP", "UDP"];
    private static readonly string[] s_names = ["dns", "DNS", "web", "a--b", "53", "-x"];
    private static readonly string[] s_ports = ["53", "80", "65535", "0", "65536"];

    [Test]
    public void A_policy_of_cilium_is_accepted_exactly_if_the_rules_say_so()
    {
        var accepted = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var policy = Policy(new(seed));
            var content = ManifestReader.Read(policy.ToJsonString(), "a.json");
            accepted += content.Objects.Length;
            if (content.Objects.Length != (IsValid(policy) ? 1 : 0) || content.HasErrors != (content.Objects.Length == 0))
                Assert.Fail($"seed {seed}: {policy.ToJsonString()}\n{string.Join('\n', content.Diagnostics)}");
        }

        Assert.That(accepted, Is.InRange(Rounds / 10, Rounds * 9 / 10), "both answers occur often");
    }

    [Test]
    public void The_same_manifest_as_yaml_and_as_json_is_the_same_object()
    {
        foreach (var yaml in Manifest.OfEveryKind)
        {
            var fromYaml = Manifest.Read(yaml);
            var fromJson = ManifestReader.Read(JsonTree.Of(yaml).ToJsonString(), "a.json");
            Assert.That(fromJson.Diagnostics, Is.Empty);
            Assert.That(fromJson.Objects.Single(), Is.EqualTo(fromYaml.Objects.Single()));
            Assert.That(fromJson.Objects.Single().GetHashCode(), Is.EqualTo(fromYaml.Objects.Single().GetHashCode()));
        }
    }

    [Test]
    public void Objects_are_equal_exactly_if_what_is_read_of_them_is()
    {
        // A changed value must not be taken for an update without a change. So every leaf that is read counts in equality.
        foreach (var yaml in Manifest.OfEveryKind)
        {
            var original = Manifest.Read(yaml).Objects.Single();
            var lines = yaml.Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                var without = string.Join('\n', lines.Where((_, line) => line != i));
                foreach (var other in Manifest.Read(without).Objects)
                {
                    if (original.Equals(other) != (Print(original) == Print(other)))
                        Assert.Fail($"without '{lines[i]}': equal {original.Equals(other)}\n{Print(original)}\n{Print(other)}");
                }
            }
        }
    }

    /// <summary>All public properties, found by reflection so that none can be forgotten.</summary>
    private static string Print(object? value) => value switch
    {
        null => "null",
        string or Enum or DateTimeOffset or LabelSelector => value.ToString()!,
        System.Collections.IDictionary map => string.Join(',', map.Keys.Cast<string>().Order().Select(key => $"{key}={map[key]}")),
        System.Collections.IEnumerable list => $"[{string.Join(',', list.Cast<object?>().Select(Print))}]",
        _ when value.GetType().Namespace != "Datapath.Policy" => value.ToString()!,
        _ => $"{{{string.Join(',', value.GetType().GetProperties().Where(property => property.GetMethod is { IsStatic: false })
            .Select(property => $"{property.Name}={Print(property.GetValue(value))}"))}}}",
    };

    /// <summary>The rules one after the other, as the description of the kind states them.</summary>
    private static bool IsValid(JsonNode policy)
    {
        var meta = policy["metadata"]!;
        if (meta["namespace"] is not { } ownNamespace)
            return false;
        var frontend = policy["spec"]!["redirectFrontend"]!;
        var address = frontend["addressMatcher"];
        var service = frontend["serviceMatcher"];
        if (address is null == service is null)
            return false;
        if (address is not null && address["ip"]!.GetValue<string>().Split('.').Length != 4)
            return false;
        if (service is not null && service["namespace"]!.GetValue<string>() != ownNamespace.GetValue<string>())
            return false;
        var from = Ports((address ?? service)!["toPorts"]);
        var to = Ports(policy["spec"]!["redirectBackend"]!["toPorts"]);
        if (to.Length == 0 || (address is not null && from.Length == 0))
            return false;
        if (from.Concat(to).Any(port => !(int.TryParse(port.Number, out var number) && number is >= 1 and <= 65535)))
            return false;
        if (from.Concat(to).Any(port => port.Name is not (null or "dns" or "DNS" or "web")))
            return false;
        if (from.Length > 1 && from.Concat(to).Any(port => port.Name is null))
            return false;
        if (to.Length > 1 && to.Any(port => port.Name is null))
            return false;
        if (from.GroupBy(port => (port.Number, port.Protocol)).Any(same => same.Select(port => port.Name?.ToLowerInvariant()).Distinct().Count() > 1))
            return false;
        return from.Length != 1 || from[0].Protocol == to[0].Protocol;
    }

    private static (string? Name, string Number, string Protocol)[] Ports(JsonNode? list) =>
    [
        .. (list as JsonArray ?? []).Select(port =>
            (port!["name"]?.GetValue<string>(), port["port"]!.GetValue<string>(), port["protocol"]!.GetValue<string>())),
    ];

    private static JsonObject Policy(Random random)
    {
        var meta = new JsonObject { ["name"] = "p", ["namespace"] = "a" };
        if (random.Next(30) == 0)
            meta.Remove("namespace");
        var frontend = new JsonObject();
        var kind = random.Next(20);
        if (kind is < 10 or 19)
            frontend["addressMatcher"] = new JsonObject { ["ip"] = random.Next(15) == 0 ? "10.0.0" : "10.0.0.1", ["toPorts"] = PortList(random) };
        if (kind is >= 10 and not 18)
        {
            var service = new JsonObject { ["serviceName"] = "s", ["namespace"] = random.Next(15) == 0 ? "b" : "a" };
            if (random.Next(3) > 0)
                service["toPorts"] = PortList(random);
            frontend["serviceMatcher"] = service;
        }

        return new()
        {
            ["apiVersion"] = "cilium.io/v2",
            ["kind"] = "CiliumLocalRedirectPolicy",
            ["metadata"] = meta,
            ["spec"] = new JsonObject
            {
                ["redirectFrontend"] = frontend,
                ["redirectBackend"] = new JsonObject { ["localEndpointSelector"] = new JsonObject(), ["toPorts"] = PortList(random) },
            },
        };
    }

    private static JsonArray PortList(Random random)
    {
        var count = random.Next(12) switch { 0 => 0, < 8 => 1, < 11 => 2, _ => 3 };
        var hasNames = random.Next(3) > 0;
        return [.. Enumerable.Range(0, count).Select(_ => Port(random, hasNames))];
    }

    private static JsonObject Port(Random random, bool hasName)
    {
        var port = new JsonObject
        {
            ["port"] = s_ports[random.Next(20) switch { < 9 => 0, < 18 => 1, < 19 => 2, _ => random.Next(s_ports.Length) }],
            ["protocol"] = s_protocols[random.Next(5) / 4],
        };
        if (hasName)
            port["name"] = s_names[random.Next(15) == 0 ? random.Next(s_names.Length) : random.Next(3)];
        return port;
    }
}
