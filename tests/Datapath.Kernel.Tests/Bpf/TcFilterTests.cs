using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs as filters of traffic control, at the loopback of a namespace of the test's own.</summary>
[TestFixture]
internal sealed class TcFilterTests
{
    private const int Pass = 0;
    private const int Drop = 2;
    private const int Loopback = 1;

    [Test]
    public void Dropping_packets_stops_them_until_the_filter_is_disposed([Values] TcxDirection direction) => InNamespace(() =>
    {
        using var program = Program(Drop);
        Assert.That(Datagrams.Arrive(), Is.True);
        using (TcFilter.Attach(program, Options(direction)))
            Assert.That(Datagrams.Arrive(), Is.False);
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void The_filter_of_the_lower_priority_decides() => InNamespace(static () =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var second = TcFilter.Attach(drop, Options() with { Priority = 2 });
        Assert.That(Datagrams.Arrive(), Is.False);
        using var first = TcFilter.Attach(pass, Options());
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void An_update_replaces_the_program_and_a_taken_place_is_refused() => InNamespace(static () =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var filter = TcFilter.Attach(pass, Options());
        Assert.That(() => TcFilter.Attach(drop, Options()), Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.EEXIST));
        filter.Update(drop);
        Assert.That(Datagrams.Arrive(), Is.False);
    });

    [Test]
    public void Where_the_discipline_is_for_packets_that_come_a_filter_for_those_that_leave_is_refused() => InNamespace(static () =>
    {
        using var route = new RouteNetlink();
        route.AddQueue(new(Loopback, new OtherQueueOptions("ingress")) { Handle = new(RtnlTc.ClsactHandle), Parent = TcHandle.Clsact });
        using var drop = Program(Drop);
        var refusal = Assert.Throws<LinuxException>(() => TcFilter.Attach(drop, Options(TcxDirection.Egress)));
        Assert.That(refusal!.Message, Does.StartWith("add clsact to interface 1: EEXIST (the queueing discipline 'ingress' is in its place"));
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.Empty, "it would run there");
        using (TcFilter.Attach(drop, Options(TcxDirection.Ingress)))
            Assert.That(Datagrams.Arrive(), Is.False);
    });

    [Test]
    public void A_filter_whose_interface_is_gone_is_disposed_quietly() => InNamespace(static () =>
    {
        using var route = new RouteNetlink();
        var index = route.CreateVeth("one", "other");
        using var program = Program(Pass);
        var filter = TcFilter.Attach(program, Options() with { InterfaceIndex = index });
        route.DeleteLink(index);
        Assert.That(filter.Dispose, Throws.Nothing);
    });

    [Test]
    public void A_filter_that_somebody_removed_is_not_made_again_by_an_update() => InNamespace(static () =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        var filter = TcFilter.Attach(pass, Options());
        TcFilter.Attach(pass, Options() with { Priority = 2 }).Dispose(); // the discipline stays
        Remove();
        Assert.That(() => filter.Update(drop), Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.ENOENT));
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.Empty);
        Assert.That(filter.Dispose, Throws.Nothing);
        Assert.That(filter.Dispose, Throws.Nothing);
        Assert.That(() => filter.Update(drop), Throws.TypeOf<ObjectDisposedException>());
    });

    [Test]
    public void Filters_are_told_in_their_order_with_their_programs() => InNamespace(static () =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.Empty);
        using var second = TcFilter.Attach(drop, Options() with { Priority = 9, Handle = 5 });
        using var first = TcFilter.Attach(pass, Options() with { Priority = 7 });
        Assert.That(
            TcFilter.Query(Loopback, TcxDirection.Ingress),
            Is.EqualTo((TcFilterInfo[])[new(7, 1, "bpf", "return_0", pass.Id), new(9, 5, "bpf", "return_2", drop.Id)]));
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Egress), Is.Empty);
    });

    [Test]
    public void A_filter_that_its_process_left_is_taken_over() => InNamespace(static () =>
    {
        using var pass = Program(Pass);
        using (var drop = Program(Drop))
            Leave(drop, Options() with { Priority = 9, Handle = 5, Name = "ours" });
        Assert.That(Datagrams.Arrive(), Is.False);
        using (var filter = TcFilter.Open(Options() with { Priority = 9, Handle = 5, Name = "ours" }))
        {
            Assert.That(Datagrams.Arrive(), Is.False, "it goes on until the update");
            filter.Update(pass);
            Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.EqualTo((TcFilterInfo[])[new(9, 5, "bpf", "ours", pass.Id)]));
        }

        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.Empty);
    });

    [Test]
    public void A_filter_is_opened_only_where_it_is_and_by_its_name() => InNamespace(static () =>
    {
        AssertNotThere(Options(), "there is no program in that place");
        using var program = Program(Pass);
        using var filter = TcFilter.Attach(program, Options() with { Name = "ours" });
        AssertNotThere(Options() with { Priority = 2 }, "there is no program in that place");
        AssertNotThere(Options() with { Handle = 2 }, "there is no program in that place");
        AssertNotThere(Options(TcxDirection.Egress), "there is no program in that place");
        AssertNotThere(Options() with { Name = "theirs" }, "there is no program 'theirs' in that place");
        Assert.That(() => TcFilter.Open(Options() with { Name = "" }), Throws.ArgumentException);
        using var found = TcFilter.Open(Options());
    });

    [Test]
    public void A_filter_is_replaced_without_a_moment_in_which_packets_pass() => InNamespace(static () =>
    {
        using var first = Program(Drop);
        using var second = Program(Drop);
        Leave(first, Options());
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        var isDone = false;
        var sent = 0;
        var sending = new Thread(() =>
        {
            for (; !Volatile.Read(ref isDone); Interlocked.Increment(ref sent))
                sender.Send("x"u8, SocketFlags.None, out _); // one that is dropped is an error of this call
        });
        sending.Start();
        for (var replaced = 0; replaced < 500 || Volatile.Read(ref sent) < 500; replaced++)
            Leave(replaced % 2 == 0 ? second : first, Options() with { Replace = true });
        Volatile.Write(ref isDone, true);
        sending.Join();
        Assert.That(receiver.Available, Is.Zero);
        Leave(first, Options() with { Replace = true });
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress).Select(static f => f.ProgramId), Is.EqualTo((uint[])[first.Id]));
    });

    [Test]
    public void A_place_without_a_filter_is_filled_by_a_replacement_too() => InNamespace(static () =>
    {
        using var drop = Program(Drop);
        using var filter = TcFilter.Attach(drop, Options() with { Replace = true });
        Assert.That(Datagrams.Arrive(), Is.False);
    });

    [Test]
    public void A_filter_of_others_is_deleted_as_it_is_listed() => InNamespace(static () =>
    {
        using var route = new RouteNetlink();
        using var drop = Program(Drop);
        Leave(drop, Options());
        Leave(drop, Options() with { Priority = 2 });
        var filters = route.ListTrafficFilters(Loopback, TcHandle.Ingress);
        route.DeleteTrafficFilter(filters[0]);
        Assert.That(route.ListTrafficFilters(Loopback, TcHandle.Ingress), Is.EqualTo(filters.Skip(1)));
        Assert.That(() => route.DeleteTrafficFilter(filters[0]), Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.ENOENT));
        Assert.That(() => route.DeleteTrafficFilter(filters[1] with { Priority = 0 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        route.DeleteTrafficFilter(filters[1]);
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    private static void AssertNotThere(TcFilterOptions options, string reason) => Assert.That(
        () =>
        {
            using var filter = TcFilter.Open(options);
        },
        Throws.TypeOf<LinuxException>().With.Property("Errno").EqualTo(Errno.ENOENT).And.Message.EndsWith($"({reason})"));

    // As a process does that dies: its descriptors are closed, its filter stays.
    private static void Leave(BpfProgram program, TcFilterOptions options) => _ = TcFilter.Attach(program, options);

    private static BpfProgram Program(int result) => TestPrograms.Return(result, ProgramType.SchedClassifier);

    private static TcFilterOptions Options(TcxDirection direction = TcxDirection.Ingress) => new() { InterfaceIndex = Loopback, Direction = direction };

    [Test]
    public void A_filter_that_could_not_be_removed_may_be_disposed_again() => InNamespace(static () =>
    {
        using var drop = Program(Drop);
        var filter = TcFilter.Attach(drop, Options());
        LimitedThread.Run(LinuxCapabilities.None, () => Assert.That(filter.Dispose, Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.EPERM)));
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Has.Length.EqualTo(1));
        filter.Dispose();
        Assert.That(TcFilter.Query(Loopback, TcxDirection.Ingress), Is.Empty);
    });

    // As somebody else would: without the object.
    private static void Remove()
    {
        using var route = new RouteNetlink();
        route.DeleteTrafficFilter(new(Loopback, TcHandle.Ingress, "bpf") { Priority = 1, Protocol = 3, Handle = 1 });
    }

    private static void InNamespace(Action action)
    {
        using var network = NetworkNamespace.Create();
        network.Run(action);
    }
}
