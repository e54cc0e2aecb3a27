using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Namespaces;

public class NetworkNamespaceTests
{
    [Test]
    public void A_new_namespace_is_another_one_with_a_cookie_of_its_own()
    {
        using var first = NetworkNamespace.Create();
        using var second = NetworkNamespace.Create();
        using var current = NetworkNamespace.OpenCurrent();

        Assert.That(new[] { first.Inode, second.Inode, current.Inode }, Is.Unique);
        Assert.That(new[] { first.Cookie, second.Cookie, current.Cookie }, Is.Unique.And.All.GreaterThan(0));
        using var again = first.Run(NetworkNamespace.OpenCurrent);
        Assert.That((again.Inode, again.Cookie), Is.EqualTo((first.Inode, first.Cookie)));
    }

    [Test]
    public void Loopback_works_by_default_and_can_be_left_down()
    {
        using var up = NetworkNamespace.Create();
        using var down = NetworkNamespace.Create(new() { LoopbackUp = false });

        Assert.That(up.Run(static () => new Ping().Send(IPAddress.Loopback, 1000).Status), Is.EqualTo(IPStatus.Success));
        using var route = down.OpenRouteNetlink();
        Assert.That(route.GetLink("lo").IsUp, Is.False);
    }

    [Test]
    public void Run_works_inside_and_leaves_the_calling_thread_where_it_was()
    {
        using var outside = NetworkNamespace.OpenCurrent();
        using var net = NetworkNamespace.Create();

        Assert.That(net.Run(CurrentInode), Is.EqualTo(net.Inode));
        Assert.That(CurrentInode(), Is.EqualTo(outside.Inode));
        Assert.That(Task.Run(CurrentInode).Result, Is.EqualTo(outside.Inode), "a thread of the pool is never inside");
    }

    [Test]
    public void Nested_calls_run_in_place_or_in_the_other_namespace()
    {
        using var net = NetworkNamespace.Create();
        using var other = NetworkNamespace.Create();

        net.Run(() =>
        {
            var thread = Environment.CurrentManagedThreadId;
            Assert.That(net.Run(static () => Environment.CurrentManagedThreadId), Is.EqualTo(thread));
            other.Run(() =>
            {
                Assert.That(CurrentInode(), Is.EqualTo(other.Inode));
                Assert.That(net.Run(CurrentInode), Is.EqualTo(net.Inode));
            });
            Assert.That(CurrentInode(), Is.EqualTo(net.Inode));
        });
    }

    [Test]
    public void Calls_that_wait_for_each_other_do_not_lock_up()
    {
        using var net = NetworkNamespace.Create();
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var waiting = Task.Run(() => net.Run(() =>
        {
            entered.Set();
            return go.Wait(TimeSpan.FromSeconds(20));
        }));
        Assert.That(entered.Wait(TimeSpan.FromSeconds(20)), Is.True);
        net.Run(go.Set);
        Assert.That(waiting.Result, Is.True);
    }

    [Test]
    public void An_exception_comes_out_as_it_was_thrown()
    {
        using var net = NetworkNamespace.Create();
        var thrown = Assert.Throws<InvalidTimeZoneException>(() => net.Run(ThrowHere));
        Assert.That(thrown!.StackTrace, Does.Contain(nameof(ThrowHere)));
    }

    [Test]
    public void Async_local_values_flow_in()
    {
        using var net = NetworkNamespace.Create();
        var local = new AsyncLocal<int> { Value = 5 };
        Assert.That(net.Run(() => local.Value), Is.EqualTo(5));
    }

    [Test]
    public void A_socket_keeps_the_namespace_in_which_it_was_made()
    {
        using var net = NetworkNamespace.Create();
        using var listener = net.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // out here
        listener.Listen();

        using var outside = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var inside = net.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Assert.That(() => outside.Connect(listener.LocalEndPoint!), Throws.TypeOf<SocketException>());
        Assert.That(() => inside.Connect(listener.LocalEndPoint!), Throws.Nothing);
    }

    [Test]
    public void What_is_not_a_network_namespace_is_refused()
    {
        Assert.That(() => NetworkNamespace.Open("/proc/self/ns/uts"), Throws.TypeOf<LinuxException>()
            .With.Message.EqualTo("open network namespace '/proc/self/ns/uts': EINVAL (it is not a network namespace)"));
        Assert.That(() => NetworkNamespace.Open("/dev/null"), Throws.TypeOf<LinuxException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOTTY));
        Assert.That(() => NetworkNamespace.Open("/run/netns/no-such"), Throws.TypeOf<LinuxException>()
            .With.Message.EqualTo("open network namespace '/run/netns/no-such': ENOENT"));
    }

    [Test]
    public void The_namespace_of_a_process_can_be_opened()
    {
        using var current = NetworkNamespace.OpenCurrent();
        using var own = NetworkNamespace.OpenProcess(Environment.ProcessId);
        Assert.That(own.Inode, Is.EqualTo(current.Inode));
    }

    [Test]
    public void After_dispose_nothing_can_be_run()
    {
        var net = NetworkNamespace.Create();
        net.Dispose();
        Assert.That(() => net.Run(static () => 1), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    [NonParallelizable]
    public void Namespaces_and_descriptors_and_threads_are_given_back()
    {
        Cycle(); // whatever the runtime opens once
        var cookie = Cycle();
        var (descriptors, threads) = (CountDescriptors(), CountThreads());
        for (var i = 0; i < 50; i++)
            Cycle();

        // The runtime may open a descriptor or a thread of its own meanwhile; a leak would be 50 and more.
        Assert.That(CountDescriptors(), Is.LessThan(descriptors + 10));
        Assert.That(CountThreads(), Is.LessThan(threads + 10));
        Assert.That(cookie, Is.GreaterThan(0));
    }

    private static ulong Cycle()
    {
        using var net = NetworkNamespace.Create();
        using var route = net.OpenRouteNetlink();
        route.CreateVeth("a", "b", net);
        Assert.That(() => route.CreateVeth("a", "b", net), Throws.InstanceOf<LinuxException>());
        Assert.That(() => NetworkNamespace.Open("/dev/null"), Throws.InstanceOf<LinuxException>());
        return net.Cookie;
    }

    private static ulong CurrentInode()
    {
        using var current = NetworkNamespace.OpenCurrent();
        return current.Inode;
    }

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static int CountThreads() => Directory.GetDirectories("/proc/self/task").Length;

    private static void ThrowHere() => throw new InvalidTimeZoneException("it is five o'clock");
}
