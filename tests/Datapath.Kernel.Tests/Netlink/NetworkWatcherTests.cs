using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class NetworkWatcherTests
{
    private const NetworkChanges All = NetworkChanges.Links | NetworkChanges.Addresses | NetworkChanges.Routes | NetworkChanges.Neighbours
        | NetworkChanges.ForwardingEntries | NetworkChanges.Rules;

    private static readonly IPAddress s_v4 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_v6 = IPAddress.Parse("2001:db8::1");

    private NetworkNamespace _net = null!;
    private RouteNetlink _route = null!;
    private CancellationTokenSource _stop = null!;

    [SetUp]
    public void MakeNamespace()
    {
        _net = NetworkNamespace.Create();
        _route = _net.OpenRouteNetlink();
        _stop = new(TimeSpan.FromSeconds(60)); // no correct run needs it
    }

    [TearDown]
    public void DropNamespace()
    {
        _route.Dispose();
        _net.Dispose();
        _stop.Dispose();
    }

    [Test]
    public async Task What_happened_before_the_first_read_is_told_and_what_happens_while_it_waits()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        var early = _route.CreateBridge("early");
        var changes = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        Assert.That(await NextAsync<LinkChange>(changes, c => c.Link.Index == early), Has.Property(nameof(NetworkChange.IsRemoval)).False);

        var next = NextAsync<LinkChange>(changes, static c => c is { Link.Name: "late", IsRemoval: true });
        Assert.That(next.IsCompleted, Is.False);
        _route.DeleteLink(_route.CreateBridge("late"));
        await next;
        await changes.DisposeAsync();
    }

    [Test]
    public async Task Each_kind_of_change_is_told_with_its_facts()
    {
        using var watcher = _net.OpenNetworkWatcher(All);
        var index = _route.CreateVeth("a", "b");
        _route.SetLinkUp(index);
        _route.SetLinkUp(_route.GetLink("b").Index);
        _route.AddAddress(index, s_v4, 24);
        _route.AddAddress(index, s_v6, 64);
        var route = new NetworkRoute(IPNetwork.Parse("198.51.100.0/24")) { Gateway = IPAddress.Parse("192.0.2.9"), InterfaceIndex = index, Table = 77 };
        _route.AddRoute(route);
        var neighbour = new NetworkNeighbour(index, IPAddress.Parse("192.0.2.9")) { MacAddress = new([2, 0, 0, 0, 0, 9]) };
        _route.AddNeighbour(neighbour);
        var rule = new NetworkRule(System.Net.Sockets.AddressFamily.InterNetworkV6) { Priority = 99, Table = 77 };
        _route.AddRule(rule);
        _route.DeleteRule(rule);
        _route.DeleteNeighbour(neighbour);
        _route.DeleteRoute(route);
        _route.DeleteAddress(index, s_v6, 64);
        _route.DeleteLink(index);

        var seen = new List<NetworkChange>();
        await foreach (var change in watcher.ReadAllAsync(_stop.Token))
        {
            seen.Add(change);
            if (change is LinkChange { IsRemoval: true, Link.Name: "a" })
                break;
        }

        Assert.Multiple(() =>
        {
            Assert.That(seen.OfType<LinkChange>().Where(static c => !c.IsRemoval).Select(static c => c.Link.Name), Does.Contain("a").And.Contain("b"));
            Assert.That(seen, Does.Contain(new AddressChange(new(index, s_v4, 24))));
            Assert.That(seen, Does.Contain(new AddressChange(new(index, s_v6, 64)) { IsRemoval = true }));
            Assert.That(seen, Does.Contain(new RouteChange(route)).And.Contain(new RouteChange(route) { IsRemoval = true }));
            Assert.That(seen, Does.Contain(new NeighbourChange(neighbour)));
            Assert.That(seen, Does.Contain(new RuleChange(rule)).And.Contain(new RuleChange(rule) { IsRemoval = true }));
            Assert.That(seen, Has.None.TypeOf<NetworkChangesLost>());
        });
    }

    [Test]
    public async Task Only_what_was_asked_for_is_told_and_only_of_its_own_namespace()
    {
        using var other = NetworkNamespace.Create();
        using var otherRoute = other.OpenRouteNetlink();
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.ForwardingEntries);
        otherRoute.CreateBridge("elsewhere");
        var vxlan = _route.CreateVxlan("vx", new() { Id = 7 });
        _route.AddNeighbour(new(vxlan, s_v4) { MacAddress = new([2, 0, 0, 0, 0, 1]) });
        var entry = new ForwardingEntry(vxlan, new([2, 0, 0, 0, 0, 1])) { Remote = s_v4 };
        _route.AddForwardingEntry(entry);
        await foreach (var change in watcher.ReadAllAsync(_stop.Token))
        {
            Assert.That(change, Is.EqualTo(new ForwardingChange(entry)));
            break;
        }
    }

    [LoadTest]
    [Test]
    public async Task A_reader_that_is_too_late_is_told_to_list_again_and_nothing_older_follows()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links, new() { BufferLength = 8 * 1024 });
        for (var i = 0; i < 100; i++)
            _route.DeleteLink(_route.CreateBridge("br"));

        var changes = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        Assert.That(await changes.MoveNextAsync(), Is.True);
        Assert.That(changes.Current, Is.TypeOf<NetworkChangesLost>());
        _route.CreateBridge("after");
        Assert.That(await changes.MoveNextAsync(), Is.True);
        Assert.That(changes.Current, Is.TypeOf<LinkChange>().With.Property(nameof(LinkChange.Link)).With.Property(nameof(NetworkLink.Name)).EqualTo("after"));
        await changes.DisposeAsync();
    }

    [Test]
    public async Task A_loss_while_the_reader_is_busy_is_told_too()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links, new() { BufferLength = 8 * 1024 });
        var lost = Task.Run(async () =>
        {
            await foreach (var change in watcher.ReadAllAsync(_stop.Token))
            {
                if (change is NetworkChangesLost)
                    return;
                Thread.Sleep(50); // too slow on purpose
            }
        });
        while (!lost.IsCompleted)
            _route.DeleteLink(_route.CreateBridge("br"));
        Assert.That(async () => await lost, Throws.Nothing);
    }

    [LoadTest]
    [Test]
    public async Task A_loss_that_ends_a_wait_is_not_mistaken_for_something_to_read()
    {
        using var subscription = _net.Run(static () => new NetlinkSubscription(Nl.NETLINK_ROUTE, [Rtnl.RTNLGRP_LINK], bufferLength: 8 * 1024));
        for (var i = 0; i < 100; i++)
            _route.DeleteLink(_route.CreateBridge("br"));
        Assert.That(await subscription.WaitAsync(_stop.Token), Is.EqualTo(Errno.ENOBUFS));
        Assert.That(await subscription.WaitAsync(_stop.Token), Is.EqualTo(Errno.None), "what was kept is there, and the loss is told once");
        Assert.That(() => subscription.Drain(subscription.Capacity, new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(subscription.Drain(limit: 1, _stop.Token), Is.EqualTo(Errno.None));
        Assert.That(await subscription.WaitAsync(_stop.Token), Is.EqualTo(Errno.None), "one was forgotten, not all");
        Assert.That(subscription.Drain(subscription.Capacity, _stop.Token), Is.EqualTo(Errno.None));
        Assert.That(subscription.TryReceive(out _), Is.EqualTo(Errno.EAGAIN));
        _route.CreateBridge("after");
        Assert.That(await subscription.WaitAsync(_stop.Token), Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task Cancelling_ends_a_wait_and_a_later_reader_misses_nothing()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        using var cancel = new CancellationTokenSource();
        var waiting = watcher.ReadAllAsync(cancel.Token).GetAsyncEnumerator();
        var next = waiting.MoveNextAsync().AsTask();
        Assert.That(next.IsCompleted, Is.False);
        await cancel.CancelAsync();
        Assert.That(async () => await next.WaitAsync(_stop.Token), Throws.InstanceOf<OperationCanceledException>()
            .With.Property(nameof(OperationCanceledException.CancellationToken)).EqualTo(cancel.Token));
        await waiting.DisposeAsync();

        _route.CreateBridge("br");
        await using var again = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        await NextAsync<LinkChange>(again, static c => c.Link.Name is "br");
    }

    [Test]
    public async Task Disposing_ends_the_loop_of_a_reader_and_a_later_one_is_refused()
    {
        var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        await using var changes = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        var next = changes.MoveNextAsync().AsTask();
        Assert.That(next.IsCompleted, Is.False);
        watcher.Dispose();
        Assert.That(await next.WaitAsync(_stop.Token), Is.False);
        await using var late = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await late.MoveNextAsync(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_second_reader_at_the_same_time_is_refused()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        await using var first = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        var next = first.MoveNextAsync();
        await using var second = watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await second.MoveNextAsync(), Throws.InvalidOperationException);
        _route.CreateBridge("br");
        Assert.That(await next, Is.True, "the first is not disturbed");
    }

    [LoadTest]
    [Test]
    public async Task A_list_and_its_changes_end_with_what_is_there()
    {
        using var busy = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                var index = _route.CreateBridge($"br{i}");
                if (i % 3 > 0)
                    _route.DeleteLink(index);
            }

            _route.CreateBridge("last");
        });
        using var route = _net.OpenRouteNetlink();
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        var known = route.ListLinks().ToDictionary(static link => link.Index, static link => link.Name);
        if (!known.ContainsValue("last"))
        {
            await foreach (var change in watcher.ReadAllAsync(_stop.Token))
            {
                if (change is NetworkChangesLost)
                    known = route.ListLinks().ToDictionary(static link => link.Index, static link => link.Name);
                else if (change is LinkChange { IsRemoval: true } removal)
                    known.Remove(removal.Link.Index);
                else if (change is LinkChange { Link: var link })
                    known[link.Index] = link.Name;
                if (known.ContainsValue("last"))
                    break;
            }
        }

        await changing;
        Assert.That(known.Values, Is.EquivalentTo(route.ListLinks().Select(static link => link.Name)));
    }

    [Test]
    public void A_watch_for_nothing_is_a_mistake_of_the_caller() =>
        Assert.That(static () => new NetworkWatcher(NetworkChanges.None), Throws.ArgumentException);

    [Test]
    [NonParallelizable]
    public async Task Watchers_give_their_descriptors_back_and_take_no_thread_each()
    {
        await CycleAsync(); // whatever the runtime opens once
        var (descriptors, threads) = (Directory.GetFiles("/proc/self/fd").Length, Directory.GetDirectories("/proc/self/task").Length);
        var watchers = Enumerable.Range(0, 50).Select(_ => _net.OpenNetworkWatcher(NetworkChanges.Links)).ToList();
        var readers = watchers.Select(watcher => watcher.ReadAllAsync(_stop.Token).GetAsyncEnumerator()).ToList();
        var waits = readers.Select(static reader => reader.MoveNextAsync().AsTask()).ToList();
        Assert.That(Directory.GetDirectories("/proc/self/task"), Has.Length.LessThan(threads + 20));
        watchers.ForEach(static watcher => watcher.Dispose());
        Assert.That(await Task.WhenAll(waits), Is.All.False);
        Eventually.True(() => Directory.GetFiles("/proc/self/fd").Length < descriptors + 10, "the sockets are closed");
    }

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<NetworkChange> changes, Func<T, bool> condition)
        where T : NetworkChange
    {
        while (await changes.MoveNextAsync())
        {
            if (changes.Current is T change && condition(change))
                return change;
        }

        throw new AssertionException("the changes ended");
    }

    private async Task CycleAsync()
    {
        using var watcher = _net.OpenNetworkWatcher(NetworkChanges.Links);
        var index = _route.CreateBridge("cycle");
        await foreach (var change in watcher.ReadAllAsync(_stop.Token))
        {
            if (change is LinkChange { Link.Name: "cycle" })
                break;
        }

        _route.DeleteLink(index);
    }
}
