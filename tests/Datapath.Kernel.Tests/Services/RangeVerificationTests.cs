using System.Net;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What the kernel holds of ranges is read back, and what was changed there behind the manager's back is told.</summary>
[TestFixture]
[LoadTest]
internal sealed class RangeVerificationTests
{
    private const string Pod2 = "10.244.0.2:8080/TCP";
    private static readonly ServiceName s_policy = new("", "policy:local-redirect");
    private ServiceLab _lab = null!;
    private DesiredState _state = null!;

    private string Root => _lab.Options.BpfRoot;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 3, static options => options with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true);
        var skipping = Range("198.18.7.0/24", 85, 85, new(PodNetwork.V4(3), 8080, L4Protocol.Tcp));
        var forOne = Range("2001:db8:1::/48", 53, 53, new(PodNetwork.V6(4), 0, L4Protocol.Udp));
        _state = State(
            Range("198.18.0.0/16", 80, 90, new(PodNetwork.V4(2), 8080, L4Protocol.Tcp)),
            skipping with { Redirects = [skipping.Redirects[0] with { SkippedPods = [NameOf(3)] }] },
            forOne with { Redirects = [forOne.Redirects[0] with { Clients = new() { HostProcesses = false, AllPodsExcept = false, Pods = [NameOf(1)] } }] });
        Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Ranges_are_read_with_those_inside_them_in_both_families()
    {
        var ranges = _lab.Datapath.ReadRanges();
        Assert.That(ranges.Select(static r => r.ToString()), Is.EqualTo(new[]
        {
            "198.18.0.0/16:80-90/TCP", "198.18.7.0/24:80-84/TCP", "198.18.7.0/24:85/TCP", "198.18.7.0/24:86-90/TCP", "[2001:db8:1::/48]:53/UDP",
        }));
        Assert.That(ranges.Select(Text), Is.EqualTo(new[]
        {
            Pod2, Pod2, $"10.244.0.3:8080/TCP, for netns {_lab.Pods[3].Cookie}: itself", Pod2, $"itself, for netns {_lab.Pods[1].Cookie}: [fd10:44::4]:0/UDP",
        }));
        Assert.That(ranges.Select(static r => (r.Id, r.Protocol, r.Slots > 0)).Distinct(), Has.Exactly(3).Items, "what a longer prefix has of a shorter one is the same range");
        Assert.That((ranges[0].Prefix, ranges[0].FirstPort, ranges[0].LastPort), Is.EqualTo((IPNetwork.Parse("198.18.0.0/16"), 80, 90)));
        Assert.That(PinnedDatapath.ReadRanges(Root), Is.EqualTo(ranges).UsingPropertiesComparer());
    }

    [Test]
    public void Nothing_is_told_where_all_is_as_it_should_be()
    {
        Assert.That(Verify(), Is.Empty);
        Assert.That(_lab.Datapath.Expect(_state).Ranges, Has.Length.EqualTo(5));
        _lab.Reopen();
        Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
        Assert.That(Verify(), Is.Empty);
        _state = DesiredState.Empty;
        Assert.That(Verify().Select(static d => d.Kind), Is.EqualTo(Enumerable.Repeat(KernelDifferenceKind.Surplus, 5)));
        Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
        Assert.That((Verify(), _lab.Datapath.ReadRanges().Length), Is.EqualTo((Array.Empty<KernelDifference>(), 0)));
    }

    [Test]
    public void Prefixes_that_were_removed_are_missing()
    {
        WithTrie(static (trie, keys) => Assert.That(trie.Remove(keys["198.18.0.0/16"]), Is.True));
        Assert.That(Verify(), Is.EqualTo(new[] { new KernelDifference(KernelDifferenceKind.Missing, "198.18.0.0/16:80-90/TCP", "") }));
    }

    [Test]
    public void A_word_that_points_nowhere_or_has_the_tag_of_other_ports_is_missing()
    {
        Change("198.18.7.0/24", static (ref RangeValue row) =>
        {
            row.Ports[0].Range = new FrontendValue(1000, 1, row.Ports[0].Tag).Range;
            row.Ports[2].Range ^= 1UL << (int)RangeBits.TagShift;
        });
        Assert.That(Verify().Select(static d => (d.Kind, d.Subject)), Is.EqualTo(new[]
        {
            (KernelDifferenceKind.Missing, "198.18.7.0/24:80-84/TCP"), (KernelDifferenceKind.Missing, "198.18.7.0/24:86-90/TCP"),
        }));
    }

    [Test]
    public void A_prefix_and_ports_that_were_added_are_surplus()
    {
        WithTrie(static (trie, keys) =>
        {
            var key = keys["198.18.0.0/16"];
            Assert.That(trie.TryMatch(in key, out var row), Is.True);
            var longer = key with { PrefixLength = key.PrefixLength + 1 };
            trie.Set(in longer, in row);
        });
        Change("198.18.7.0/24", static (ref RangeValue row) =>
        {
            row.Ports[3] = new() { First = 91, Last = 92 };
            row.Ports[3].Range = WithTag(row.Ports[2].Range, row.Ports[3].Tag);
            row.Ports[4] = row.Ports[3]; // twice: the programs find the first
        });
        Assert.That(Verify(), Is.EqualTo(new[]
        {
            new KernelDifference(KernelDifferenceKind.Surplus, "198.18.0.0/17:80-90/TCP", ""), new KernelDifference(KernelDifferenceKind.Surplus, "198.18.7.0/24:91-92/TCP", ""),
        }));
    }

    [Test]
    public void Ports_that_lead_elsewhere_are_told()
    {
        Change("198.18.7.0/24", static (ref RangeValue row) => row.Ports[0].Range = WithTag(row.Ports[1].Range, row.Ports[0].Tag));
        var difference = Verify().Single();
        Assert.That((difference.Kind, difference.Subject), Is.EqualTo((KernelDifferenceKind.Different, "198.18.7.0/24:80-84/TCP")));
        Assert.That(difference.Details, Does.Match($"^a set is surplus: for .*netns {_lab.Pods[3].Cookie}.*: the address itself; ")
            .And.EndsWith($"; backends are missing: {Pod2}; backends are surplus: 10.244.0.3:8080/TCP"));
    }

    [Test]
    public void A_client_that_was_removed_is_told()
    {
        using (var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(Root), SocketLbObject.Clients)))
        {
            var clients = map.AsHash<ClientKey, FrontendValue>();
            Assert.That(clients.Remove(clients.Keys.Single(key => key.Client == _lab.Pods[1].Cookie)), Is.True);
        }

        var difference = Verify().Single();
        Assert.That((difference.Kind, difference.Subject), Is.EqualTo((KernelDifferenceKind.Different, "[2001:db8:1::/48]:53/UDP")));
        Assert.That(difference.Details, Does.Match($@"^a set is missing: for .*netns {_lab.Pods[1].Cookie}.*: \[\[fd10:44::4\]:0/UDP\]"));
    }

    private static ulong WithTag(ulong word, ushort tag)
    {
        var value = new FrontendValue { Range = word };
        return new FrontendValue(value.First, value.Count, tag, value.HasHeader).Range;
    }

    private static FrontendRange Range(string prefix, ushort first, ushort last, L4Address backend) =>
        new(IPNetwork.Parse(prefix), first, last, backend.Protocol, [new(s_policy, [new(backend)])]);

    private static PodName NameOf(int pod) => new("default", $"pod-{pod}");

    private static DesiredState State(params FrontendRange[] ranges) => DesiredState.Empty.With(new([new(s_policy, []) { Ranges = [.. ranges] }], [])
    {
        Pods = [.. new[] { 1, 2, 3, 4 }.Select(static pod => new LocalPod(NameOf(pod)) { Addresses = [PodNetwork.V4(pod), PodNetwork.V6(pod)] })],
    });

    private string Text(ProgrammedRange range) => string.Join(
        ", ", range.FurtherSets.Select(set => $"for {string.Join(' ', Own(set.Clients))}: {Text(set.Passes, set.Backends)}").Prepend(Text(range.Passes, range.Backends)));

    /// <summary>The clients of this lab: another one on the machine may have pods with the same addresses.</summary>
    private IEnumerable<string> Own(IEnumerable<string> clients) => clients.Intersect(new[] { 1, 2, 3, 4 }.Select(pod => $"netns {_lab.Pods[pod].Cookie}"));

    private static string Text(bool passes, IEnumerable<ProgrammedBackend> backends) => passes ? "itself" : string.Join(' ', backends.Select(static b => b.Address));

    /// <summary>What the manager and whoever looks at the pins find, which must be the same.</summary>
    private KernelDifference[] Verify()
    {
        var found = _lab.Datapath.Verify(_state);
        Assert.That(PinnedDatapath.Verify(Root, _lab.Datapath.Expect(_state)), Is.EqualTo(found));
        return [.. found];
    }

    private void Change(string prefix, ChangeRow change) => WithTrie((trie, keys) =>
    {
        var key = keys[prefix];
        Assert.That(trie.TryMatch(in key, out var row), Is.True);
        change(ref row);
        trie.Set(in key, in row);
    });

    private void WithTrie(Action<BpfLpmTrie<RangeKey4, RangeValue>, Dictionary<string, RangeKey4>> change)
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(Root), SocketLbObject.Ranges4));
        var trie = map.AsLpmTrie<RangeKey4, RangeValue>();
        change(trie, trie.Keys.ToDictionary(static key => $"{Ipv4Ranges.PrefixOf(in key)}"));
    }

    private delegate void ChangeRow(ref RangeValue row);
}
