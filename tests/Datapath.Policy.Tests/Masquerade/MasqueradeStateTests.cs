using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>A compiled state, made by hand: what leads to a verdict, and what parts do not fit.</summary>
internal sealed class MasqueradeStateTests
{
    /// <summary>Forwarded, host, a network, a part of it, an interface, others; and as destinations anything, a network, a part of it.</summary>
    private static readonly MasqueradeSources s_sources = new()
    {
        Classes =
        [
            new(MasqueradeSourceFacts.Forwarded), new(MasqueradeSourceFacts.Host), new(MasqueradeSourceFacts.Listed),
            new(MasqueradeSourceFacts.Listed | MasqueradeSourceFacts.Pod, 1), new(MasqueradeSourceFacts.Interface), new(MasqueradeSourceFacts.Interface, 1),
        ],
        Prefixes = [Prefix("10.0.0.0/8", 2), Prefix("10.0.1.0/24", 3), Prefix("fd00::/8", 2), Prefix("fd00::1/128", 3), Prefix("::/0", 1)],
        Interfaces = [new("veth+", 4), new("veth0", 5), new("vethab+", 5), new("v+", 0)],
        ForwardedClass = 0,
        HostClass = 1,
    };

    private static readonly MasqueradeDestinations s_destinations = new()
    {
        Classes = [MasqueradeDestinationFacts.None, MasqueradeDestinationFacts.NonMasquerade, MasqueradeDestinationFacts.OtherNode],
        Prefixes = [Prefix("0.0.0.0/1", 1), Prefix("10.0.0.0/8", 2), Prefix("10.9.9.9/32", 0)],
    };

    private static readonly ImmutableArray<MasqueradeAddressChoice> s_choices =
        [new("", MasqueradeAddressSource.Device), new("blue", MasqueradeAddressSource.Fixed) { Addresses = [IPAddress.Parse("192.0.2.1")] }];

    /// <summary>The reason tells the source class, the action the destination class.</summary>
    private static readonly ImmutableArray<MasqueradeVerdict> s_verdicts =
        [.. from source in Enumerable.Range(0, 6) from destination in Enumerable.Range(0, 3) select new MasqueradeVerdict((MasqueradeAction)destination, (MasqueradeReason)source)];

    private static readonly MasqueradeState s_state = new(s_sources, s_destinations, s_choices, s_verdicts);

    [TestCase("10.2.2.2", null, 2)]
    [TestCase("10.0.1.255", null, 3)]
    [TestCase("10.0.1.255", "veth0", 3)]
    [TestCase("::ffff:10.0.1.255", "veth0", 3)]
    [TestCase("192.0.2.7", null, 1)]
    [TestCase("192.0.2.7", "eth0", 0)]
    [TestCase("192.0.2.7", "veth0", 5)]
    [TestCase("192.0.2.7", "veth01", 4)]
    [TestCase("192.0.2.7", "vethabc", 5)]
    [TestCase("192.0.2.7", "veth", 4)]
    [TestCase("192.0.2.7", "vet", 0)]
    [TestCase("fd00::1", null, 3)]
    [TestCase("fd00::2", null, 2)]
    [TestCase("2001:db8::1", "veth0", 1)]
    public void A_source_is_known_by_its_longest_prefix_then_by_its_interface_then_by_having_come_in(string source, string? by, int expected)
    {
        var packet = new MasqueradePacket(IPAddress.Parse(source), IPAddress.Parse(source.Contains('.') ? "198.51.100.1" : "2001:db8::2")) { Interface = by };
        var decision = s_state.Decide(packet);
        Assert.That((decision.Source.Class, (int)decision.Verdict.Reason), Is.EqualTo(((byte)expected, expected)));
    }

    [TestCase("198.51.100.1", 0, null)]
    [TestCase("11.0.0.1", 1, "0.0.0.0/1")]
    [TestCase("10.0.0.1", 2, "10.0.0.0/8")]
    [TestCase("10.9.9.9", 0, "10.9.9.9/32")]
    public void A_destination_is_known_by_its_longest_prefix(string destination, int expected, string? prefix)
    {
        var decision = s_state.Decide(new(IPAddress.Parse("192.0.2.7"), IPAddress.Parse(destination)));
        Assert.That((decision.Destination.Class, (int)decision.Verdict.Action), Is.EqualTo(((byte)expected, expected)));
        Assert.That(decision.Destination.Prefix?.ToString(), Is.EqualTo(prefix));
    }

    [Test]
    public void What_led_to_the_verdict_is_told()
    {
        var decision = s_state.Decide(new(IPAddress.Parse("192.0.2.7"), IPAddress.Parse("10.0.0.1")) { Interface = "vethabc" });
        Assert.That(decision.Source, Is.EqualTo(new MasqueradeMatch(5, Interface: "vethab+")));
        Assert.That(decision.Verdict, Is.EqualTo(s_state.VerdictOf(5, 2)));
    }

    [Test]
    public void What_comes_from_the_NAT_address_is_tracked_before_all_else_and_a_reply_stays_as_it_is()
    {
        var packet = new MasqueradePacket(IPAddress.Parse("10.0.1.7"), IPAddress.Parse("198.51.100.1"));
        Assert.That(s_state.Decide(packet with { IsReply = true }).Verdict, Is.EqualTo(new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.Reply)));
        Assert.That(
            s_state.Decide(packet with { IsReply = true, IsFromNatAddress = true }).Verdict,
            Is.EqualTo(new MasqueradeVerdict(MasqueradeAction.Track, MasqueradeReason.NatAddress)));
    }

    [Test]
    public void Addresses_of_two_families_make_no_packet()
    {
        Assert.That(
            () => s_state.Decide(new(IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1"))),
            Throws.ArgumentException.With.Message.StartsWith("Destination: 'fd00::1' must be of the family of Source '10.0.0.1'"));
        Assert.That(() => s_state.Decide(default), Throws.ArgumentException.With.Message.StartsWith("Source: must be an address"));
    }

    [Test]
    public void States_are_equal_if_all_parts_are()
    {
        var same = new MasqueradeState(s_sources with { }, s_destinations with { }, [.. s_choices], [.. s_verdicts]);
        Assert.That(same, Is.EqualTo(s_state));
        Assert.That(same.GetHashCode(), Is.EqualTo(s_state.GetHashCode()));
        MasqueradeState[] others =
        [
            new(s_sources with { HostClass = 0 }, s_destinations, s_choices, s_verdicts),
            new(s_sources with { Prefixes = s_sources.Prefixes.Remove(Prefix("::/0", 1)) }, s_destinations, s_choices, s_verdicts),
            new(s_sources with { Interfaces = [] }, s_destinations, s_choices, s_verdicts),
            new(s_sources, s_destinations with { Prefixes = [] }, s_choices, s_verdicts),
            new(s_sources, s_destinations, [s_choices[0], s_choices[1] with { Addresses = [IPAddress.Parse("192.0.2.2")] }], s_verdicts),
            new(s_sources, s_destinations, s_choices, s_verdicts.SetItem(3, default)),
            MasqueradeState.Off,
        ];
        Assert.That(others, Has.None.EqualTo(s_state));
    }

    [Test]
    public void The_state_that_is_off_keeps_everything()
    {
        var packet = new MasqueradePacket(IPAddress.Parse("10.0.0.1"), IPAddress.Parse("192.0.2.1"));
        Assert.That(MasqueradeState.Off.Decide(packet).Verdict.ToString(), Is.EqualTo("Keep (FamilyOff)"));
        Assert.That(MasqueradeState.Off.Decide(packet with { Interface = "eth0" }).Verdict.ToString(), Is.EqualTo("Keep (FamilyOff)"));
    }

    [TestCaseSource(nameof(Misfits))]
    public void What_does_not_fit_is_refused(Func<MasqueradeState> make, string expected) =>
        Assert.That(() => make(), Throws.ArgumentException.With.Message.EqualTo(expected));

    private static IEnumerable<TestCaseData> Misfits()
    {
        yield return Misfit("classes", "Sources.Classes: 257 must be 1 to 256", sources: s_sources with { Classes = [.. new MasqueradeSourceClass[257]] });
        yield return Misfit("no classes", "Destinations.Classes: 0 must be 1 to 256", s_destinations with { Classes = [] });
        yield return Misfit("choices", "AddressChoices: 0 must be 1 to 256", choices: []);
        yield return Misfit("forwarded", "Sources.ForwardedClass: 6 must be below 6", sources: s_sources with { ForwardedClass = 6 });
        yield return Misfit("prefix class", "Sources.Prefixes[0].Class: 6 must be below 6", sources: s_sources with { Prefixes = [Prefix("10.0.0.0/8", 6)] });
        yield return Misfit("prefix twice", "Destinations.Prefixes[1]: '10.0.0.0/8' must be there once", s_destinations with { Prefixes = [Prefix("10.0.0.0/8", 0), Prefix("10.0.0.0/8", 1)] });
        yield return Misfit("interface class", "Sources.Interfaces[0].Class: 9 must be below 6", sources: s_sources with { Interfaces = [new("eth0", 9)] });
        yield return Misfit("interface twice", "Sources.Interfaces[1]: 'eth0' must be a name or a pattern, and be there once", sources: s_sources with { Interfaces = [new("eth0", 0), new("eth0", 1)] });
        yield return Misfit("addresses", "AddressChoices[0]: must have addresses if they are fixed, and none otherwise", choices: [new("", MasqueradeAddressSource.Fixed)]);
        yield return Misfit("choice of a class", "Sources.Classes[3].AddressChoice: 1 must be below 1", choices: [s_choices[0]]);
        yield return Misfit("verdicts", "Verdicts: 17 must be 18, one for each pair of classes", verdicts: s_verdicts.RemoveAt(0));
        yield return Misfit("choice of a verdict", "Verdicts[2].AddressChoice: 2 must be below 2", verdicts: s_verdicts.SetItem(2, new(MasqueradeAction.Translate, MasqueradeReason.Source, 2)));
    }

    private static TestCaseData Misfit(
        string name, string message, MasqueradeDestinations? destinations = null, MasqueradeSources? sources = null,
        ImmutableArray<MasqueradeAddressChoice>? choices = null, ImmutableArray<MasqueradeVerdict>? verdicts = null) =>
        new TestCaseData(() => new MasqueradeState(sources ?? s_sources, destinations ?? s_destinations, choices ?? s_choices, verdicts ?? s_verdicts), message).SetArgDisplayNames(name);

    private static MasqueradePrefix Prefix(string prefix, byte number) => new(IPNetwork.Parse(prefix), number);
}
