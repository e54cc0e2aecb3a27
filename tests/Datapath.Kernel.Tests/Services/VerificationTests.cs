using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What was changed in the kernel behind the manager's back is told.</summary>
[TestFixture]
[LoadTest]
internal sealed class VerificationTests
{
    private const string Frontend = "10.96.0.1:80/TCP";
    private ServiceLab _lab = null!;
    private DesiredState _state = null!;

    private string Root => _lab.Options.BpfRoot;

    [SetUp]
    public void StartLab()
    {
        _lab = new(lifetime: DatapathLifetime.Pinned);
        _state = ServiceLab.State(ServiceLab.Service(1, 2, 3), ServiceLab.Service(2), Weighted(3), WithAffinity(4));
        Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Nothing_is_told_where_all_is_as_it_should_be()
    {
        Assert.That(Verify(), Is.Empty);
        foreach (var pods in new int[][] { [2, 3, 4, 5], [3, 4], [3, 4, 6], [6] }) // what datagram sockets keep of the past is no difference
        {
            _state = _state.With(new([ServiceLab.Service(1, pods)], []));
            Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
            Assert.That(Verify(), Is.Empty);
        }

        _lab.Reopen();
        Assert.That(Verify(), Is.Empty);
    }

    [Test]
    public void A_frontend_that_was_deleted_is_missing()
    {
        WithFrontends((map, key, _) => map.Remove(in key));
        Assert.That(Verify(), Is.EqualTo(new[] { new KernelDifference(KernelDifferenceKind.Missing, Frontend, "") }));
    }

    [Test]
    public void A_frontend_that_points_nowhere_is_missing()
    {
        WithFrontends(static (map, key, _) => map.Set(in key, new FrontendValue(1, 1, 0)));
        Assert.That(Verify(), Is.EqualTo(new[] { new KernelDifference(KernelDifferenceKind.Missing, Frontend, "") }));
    }

    [Test]
    public void A_frontend_that_was_added_is_surplus()
    {
        WithFrontends(static (map, key, value) =>
        {
            key.Port = 0x5100; // 81
            map.Set(in key, new FrontendValue(value.First, value.Count, Ipv4Family.Tag(in key)));
        });
        Assert.That(Verify(), Is.EqualTo(new[] { new KernelDifference(KernelDifferenceKind.Surplus, "10.96.0.1:81/TCP", "") }));
    }

    [Test]
    public void A_backend_that_was_put_in_place_of_another_is_told()
    {
        WithSlots(static slots => slots[1].Address = slots[1].Address with { Word = slots[1].Address.Word ^ 0x08000000 });
        AssertDifferent("backends are missing: 10.244.0.3:8080/TCP; backends are surplus: 10.244.0.11:8080/TCP");
    }

    [Test]
    public void A_slot_that_leads_to_another_backend_is_told()
    {
        _state = _state.With(new([Weighted(1)], []));
        Assert.That(_lab.Datapath.Replace(_state).Failures, Is.Empty);
        WithSlots(static slots =>
        {
            var (first, other) = (slots[0], 0);
            while (slots[other].BackendId == first.BackendId)
                other++;
            slots[0] = slots[other];
        });
        var difference = Verify().Single();
        Assert.That((difference.Kind, difference.Subject), Is.EqualTo((KernelDifferenceKind.Different, Frontend)));
        Assert.That(difference.Details, Is.EqualTo("backend 10.244.0.2:8080/TCP has 2 of 4 slots, not 3; backend 10.244.0.3:8080/TCP has 2 of 4 slots, not 1"));
    }

    [Test]
    public void Another_kind_is_told()
    {
        WithSlots(static slots =>
        {
            for (var i = 0; i < slots.Length; i++)
                slots[i].Type = (byte)FrontendType.HostPort;
        });
        AssertDifferent("type is HostPort, not ClusterIP");
    }

    [Test]
    public void Session_affinity_and_service_to_the_host_only_are_told()
    {
        WithFrontends(
            (_, _, value) =>
            {
                WithSlotsOf(value, static slots => (slots[0].Address, slots[0].Flags) = (new() { Word = 7 }, (byte)HeaderFlags.HostOnly));
            },
            service: 4);
        Assert.That(Verify(), Is.EqualTo(new[]
        {
            new KernelDifference(KernelDifferenceKind.Different, "10.96.0.4:80/TCP", "affinity is 7 s, not 60 s; it is for the host only"),
        }));
    }

    [Test]
    public void Programs_that_are_detached_unpinned_or_elsewhere_are_told()
    {
        var child = Cgroup.Open(_lab.CgroupPath).CreateChild("other");
        try
        {
            using (var detached = BpfLink.OpenPinned(Path.Combine(PinFolder.LinksOf(Root), "dp_connect4")))
                detached.Detach();
            File.Delete(Path.Combine(PinFolder.LinksOf(Root), "dp_connect6"));
            var expected = _lab.Datapath.Expect(_state);
            Assert.That(PinnedDatapath.Verify(Root, expected).Select(static d => $"{d.Kind} {d.Subject}: {d.Details}"), Is.EqualTo(new[]
            {
                "Different program dp_connect4: it was detached, or its cgroup was removed",
                "Missing program dp_connect6: ",
            }));
            var elsewhere = PinnedDatapath.Verify(Root, expected with { CgroupId = child.Id, Programs = ["dp_sendmsg4"] });
            Assert.That(elsewhere.Single(static d => d.Subject == "program dp_sendmsg4").Details, Is.EqualTo($"it is attached to cgroup {expected.CgroupId}, not to {child.Id}"));
            Assert.That(elsewhere.Single(static d => d.Subject == "program dp_sendmsg6").Kind, Is.EqualTo(KernelDifferenceKind.Surplus));
        }
        finally
        {
            child.Delete();
        }
    }

    private static DesiredService Weighted(int number) => Change(number, static f => f with { Backends = [f.Backends[0] with { Weight = 300 }, f.Backends[1]] });

    private static DesiredService WithAffinity(int number) => Change(number, static f => f with { AffinitySeconds = 60 });

    private static DesiredService Change(int number, Func<Frontend, Frontend> change)
    {
        var service = ServiceLab.Service(number, 2, 3);
        return service with { Frontends = [.. service.Frontends.Select(change)] };
    }

    /// <summary>What the manager and whoever looks at the pins find, which must be the same.</summary>
    private KernelDifference[] Verify()
    {
        var found = _lab.Datapath.Verify(_state);
        Assert.That(PinnedDatapath.Verify(Root, _lab.Datapath.Expect(_state)), Is.EqualTo(found));
        return [.. found];
    }

    private void AssertDifferent(string details) =>
        Assert.That(Verify(), Is.EqualTo(new[] { new KernelDifference(KernelDifferenceKind.Different, Frontend, details) }));

    private void WithFrontends(Action<BpfHashMap<FrontendKey4, FrontendValue>, FrontendKey4, FrontendValue> change, int service = 1)
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(Root), SocketLbObject.Frontends4));
        var frontends = map.AsHash<FrontendKey4, FrontendValue>();
        var key = Ipv4Family.Key(new(ServiceLab.ServiceV4(service), ServiceLab.ServicePort, L4Protocol.Tcp));
        Assert.That(frontends.TryGetValue(in key, out var value), Is.True);
        change(frontends, key, value);
    }

    private void WithSlots(WithSpan change) => WithFrontends((_, _, value) => WithSlotsOf(value, change));

    private void WithSlotsOf(FrontendValue value, WithSpan change)
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(Root), SocketLbObject.Slots4));
        using var memory = map.MapMemory<Slot4>();
        var range = new SlotRange(value);
        using var slots = memory.Slice(range.First, range.Slots);
        change(slots.Span);
    }

    private delegate void WithSpan(Span<Slot4> slots);
}
