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
        using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
        var request = new NetlinkWriter(stackalloc byte[128], RtnlTc.RTM_DELTFILTER);
        request.Add(new TcMsg { InterfaceIndex = Loopback, Handle = 1, Parent = TcFilterList.ParentOf(TcxDirection.Ingress), Info = (1 << 16) | RtnlTc.AllProtocols });
        request.Add(RtnlTc.TCA_KIND, "bpf");
        NetlinkException.ThrowIfFailed(socket.Execute(ref request), $"remove the filter");
    }

    private static void InNamespace(Action action)
    {
        using var network = NetworkNamespace.Create();
        network.Run(action);
    }
}
