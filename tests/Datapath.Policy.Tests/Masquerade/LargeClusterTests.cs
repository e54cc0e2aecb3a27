using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>Many pods and nodes.</summary>
internal sealed class LargeClusterTests
{
    [Test]
    public void Ten_thousand_pods_and_a_thousand_nodes_are_compiled_into_a_prefix_each_and_a_few_classes()
    {
        var inputs = new MasqueradeInputs
        {
            Configuration = new() { IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"), IPv6NativeRoutingCidr = IPNetwork.Parse("fd00::/8"), Pools = [new() { Name = "odd", PodSelector = Selector("odd"), Addresses = [IPAddress.Parse("192.0.2.77")] }] },
            Node = new() { Name = "node-0" },
            Nodes = [.. Enumerable.Range(0, 1000).Select(static i => new Node
            {
                Metadata = new() { Name = $"node-{i}" },
                PodCidrs = [$"10.{i / 256}.{i % 256}.0/24", $"fd00:{i:x}::/64"],
                Addresses = [new(NodeAddress.InternalIP, $"172.16.{i / 256}.{i % 256}"), new(NodeAddress.ExternalIP, $"198.18.{i / 256}.{i % 256}")],
            })],
            Pods = [.. Enumerable.Range(0, 10_000).Select(static i => new PodBuilder("shop", $"pod-{i}").OnNode("node-0").Label("app", i % 2 == 0 ? "even" : "odd")
                .Address($"10.200.{i / 256}.{i % 256}").Address($"fd00:ffff::{i:x}").Build())],
        };
        var state = MasqueradeCompiler.Compile(inputs).State!;
        Assert.That(state.Sources.Prefixes, Has.Length.EqualTo(20_000 + 2));
        Assert.That(state.Destinations.Prefixes.Count(entry => state.Destinations.Classes[entry.Class] is MasqueradeDestinationFacts.OtherNode), Is.EqualTo(999 * 2));
        Assert.That((state.Sources.Classes.Length, state.Destinations.Classes.Length), Is.LessThan((8, 8)));
        Assert.That(state.Decide(Site.Packet("10.200.39.15", "8.8.8.8")).Verdict.ToString(), Is.EqualTo("Translate 1 (Source)"), "pod 9999 is odd");
        Assert.That(state.Decide(Site.Packet("10.200.0.0", "172.16.3.231")).Verdict.ToString(), Is.EqualTo("Keep (OtherNode)"));
    }

    private static LabelSelector Selector(string app) => new(System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("app", app));
}
