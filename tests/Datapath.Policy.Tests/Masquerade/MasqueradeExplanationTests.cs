using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>What is said of a packet: what is known of it and by whom, the rules that were asked, and what becomes of it.</summary>
internal sealed class MasqueradeExplanationTests
{
    private static readonly MasqueradePool s_pool = new() { Name = "blue", Addresses = [IPAddress.Parse("192.0.2.10"), IPAddress.Parse("192.0.2.11")] };

    [Test]
    public void A_packet_is_explained_step_by_step()
    {
        var inputs = Site.With(static c => c with { IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8") }) with { AgentList = Site.List("198.18.0.0/15") };
        Assert.That(
            Explain(inputs, Site.Packet(Site.Web, Site.Outside)),
            Is.EqualTo(new[]
            {
                "Source + 10.244.1.0/24: the pod network of this node, by spec.podCIDRs of Node node-a",
                "Source + 10.244.1.7/32: a pod of this node, by an address of Pod shop/web",
                "Destination + 198.18.0.0/15: listed as not masqueraded, by the list of the ip-masq-agent",
                "Rule - NatAddress: the source is an address that packets leaving by this device are translated to",
                "Rule - Reply: the packet answers a flow that was begun from outside",
                "Rule - FamilyOff: masquerading is off for the family",
                "Rule - OwnNode: the destination is an address of this node",
                "Rule - Multicast: the destination is multicast or 255.255.255.255",
                "Rule - NativeRouting: the destination is in the native-routing range, or in the pod network of this node where that stands in for it",
                "Rule - OptedOut: the source is a pod of this node that keeps its address",
                "Rule + NonMasquerade: the destination is in the list of those that are not masqueraded",
                "Result + keeps its source address 10.244.1.7: the destination is in the list of those that are not masqueraded (NonMasquerade, AgentList)",
            }));
    }

    [TestCase("10.244.1.9", "10.244.1.0/24: sees the real addresses of pods, the pod network of this node, by spec.podCIDRs of Node node-a")]
    [TestCase("192.0.2.1", "192.0.2.1/32: an address of this node, by NodeConfiguration.Addresses")]
    [TestCase("192.0.2.2", "192.0.2.2/32: an address of another node, by an address of Node node-b")]
    [TestCase("169.254.169.254", "169.254.0.0/16: link-local")]
    [TestCase("224.0.0.1", "224.0.0.0/4: multicast or broadcast")]
    [TestCase("fd00:1::9", "fd00:1::/64: sees the real addresses of pods, the pod network of this node, by spec.podCIDRs of Node node-a")]
    public void What_is_known_of_a_destination_is_said_with_who_says_it(string to, string expected) =>
        Assert.That(Explain(Site.Inputs, Site.Packet(to.Contains(':') ? Site.Web6 : Site.Web, to)).Where(static step => step.StartsWith("Destination", StringComparison.Ordinal)), Is.EqualTo(new[] { "Destination + " + expected }));

    [Test]
    public void The_link_local_part_of_a_list_names_the_option_that_would_undo_it() => Assert.That(
        Explain(Site.With(static c => c with { NonMasquerade = new() }), Site.Packet(Site.Web, "169.254.169.254"))[2..4],
        Is.EqualTo(new[]
        {
            "Destination + 169.254.0.0/16: link-local",
            "Destination + 169.254.0.0/16: listed as not masqueraded, by NonMasquerade, which has link-local addresses without masqLinkLocal",
        }));

    [Test]
    public void Of_a_destination_that_is_like_any_other_nothing_is_known() =>
        Assert.That(Explain(Site.Inputs, Site.Packet(Site.Web, Site.Outside)), Has.Member("Destination - 198.18.0.1: nothing is known of it"));

    [TestCase("172.17.0.2", "docker0", "Source + interface docker0: an interface of sources, by Interfaces: docker+")]
    [TestCase("172.17.0.2", "eth0", "Source + interface eth0: forwarded, and nothing else is known")]
    [TestCase("192.0.2.77", null, "Source + 192.0.2.77: the host itself")]
    [TestCase("192.0.2.1", null, "Source + 192.0.2.1/32: the host itself, by NodeConfiguration.Addresses")]
    [TestCase("172.18.0.2", "eth0", "Source + 172.18.0.0/16: a range of sources, by Sources")]
    public void What_is_known_of_a_source_is_said_with_who_says_it(string from, string? by, string expected)
    {
        var inputs = Site.With(static c => c with { Interfaces = ["docker+"], Sources = Site.Ranges("172.18.0.0/16") });
        Assert.That(Explain(inputs, Site.Packet(from, Site.Outside, by))[0], Is.EqualTo(expected));
    }

    [Test]
    public void The_address_that_it_gets_is_said()
    {
        string Result(Func<MasqueradeConfiguration, MasqueradeConfiguration> change, string from = Site.Web, string to = Site.Outside) =>
            Explain(Site.With(change), Site.Packet(from, to))[^1].Split(": the source is masqueraded")[0];

        Assert.That(Result(static c => c), Is.EqualTo("Result + gets the primary address of the device by which it leaves"));
        Assert.That(Result(static c => c with { AddressSource = MasqueradeAddressSource.Route }), Is.EqualTo("Result + gets the source address of its route"));
        var one = s_pool with { Addresses = s_pool.Addresses[..1] };
        Assert.That(Result(c => c with { AddressSource = MasqueradeAddressSource.Fixed, Addresses = one.Addresses }), Is.EqualTo("Result + gets address 192.0.2.10"));
        Assert.That(Result(static c => c with { Pools = [s_pool] }), Is.EqualTo("Result + gets one of the addresses 192.0.2.10, 192.0.2.11 of pool 'blue'"));
        Assert.That(
            Result(static c => c with { Pools = [s_pool] }, Site.Web6, Site.Outside6), Is.EqualTo("Result + gets the primary address of the device by which it leaves, since pool 'blue' has none of the family"));
        Assert.That(
            Explain(Site.Inputs, Site.Packet("192.0.2.1", Site.Outside, by: null) with { IsFromNatAddress = true })[^1],
            Is.EqualTo("Result + keeps its source address 192.0.2.1, and its port is reserved: the source is an address that packets leaving by this device are translated to"));
    }

    [Test]
    public void An_IPv4_mapped_address_is_explained_as_the_IPv4_address() => Assert.That(
        Explain(Site.Inputs, Site.Packet("::ffff:10.244.1.7", "::ffff:192.0.2.2"))[2], Is.EqualTo("Destination + 192.0.2.2/32: an address of another node, by an address of Node node-b"));

    [Test]
    public void What_was_not_compiled_is_not_explained() => Assert.That(
        () => MasqueradeCompiler.Compile(Site.With(static c => c with { Interfaces = [""] })).Explain(Site.Packet(Site.Web, Site.Outside)), Throws.InvalidOperationException);

    [Test]
    public void For_all_inputs_an_explanation_ends_as_the_state_decides_and_its_facts_are_those_of_the_classes()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var compilation = MasqueradeCompiler.Compile(RandomMasquerade.Inputs(random));
            var state = compilation.State!;
            for (var i = 0; i < 30; i++)
            {
                var packet = RandomMasquerade.Packet(random);
                var (explanation, decision) = (compilation.Explain(packet), state.Decide(packet));
                Assert.That(explanation.Verdict, Is.EqualTo(decision.Verdict), $"seed {seed}: {packet}");
                Assert.That(explanation.Steps.Single(static step => step is { Topic: ExplanationTopic.Rule, Applies: true }).Subject, Is.EqualTo($"{decision.Verdict.Reason}"));
                Assert.That(explanation.AddressChoice is not null, Is.EqualTo(decision.Verdict.Action is MasqueradeAction.Translate));
                var said = string.Join(", ", explanation.Steps.Where(static step => step is { Topic: ExplanationTopic.Destination, Applies: true }).Select(static step => step.Reason));
                var known = state.Destinations.Classes[decision.Destination.Class];
                foreach (var fact in Enum.GetValues<MasqueradeDestinationFacts>().Where(static fact => fact != 0))
                    Assert.That(said.Contains(MasqueradeWords.Of(fact), StringComparison.Ordinal), Is.EqualTo(known.HasFlag(fact)), $"seed {seed}: {packet}: {fact}");
            }
        }
    }

    private static string[] Explain(MasqueradeInputs inputs, MasqueradePacket packet) =>
        [.. MasqueradeCompiler.Compile(inputs).Explain(packet).Steps.Select(static step => $"{step.Topic} {(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}")];
}
