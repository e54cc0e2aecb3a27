using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What is said to whoever uses a descriptor that is closed.</summary>
[TestFixture]
internal sealed class DisposedTests
{
    [Test]
    public void A_closed_map_is_named_with_its_kind()
    {
        var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("numbers", 4));
        var hash = map.AsHash<uint, ulong>();
        map.Dispose();
        AssertNames(() => hash.TryGetValue(1, out _), "map 'numbers' (Hash)");
        AssertNames(() => hash.SetAll([1], [1]), "map 'numbers' (Hash)");
        AssertNames(() => map.Pin("/sys/fs/bpf/never"), "map 'numbers' (Hash)");
    }

    [Test]
    public void A_closed_map_that_was_opened_again_is_named_too()
    {
        using var map = BpfMap.Create(MapSpec.Array<ulong>("places", 4));
        var again = BpfMap.OpenById(map.Info.Id);
        again.Dispose();
        AssertNames(() => again.AsArray<ulong>()[0] = 1, "map 'places' (Array)");
        map.AsArray<ulong>()[0] = 1;
    }

    [Test]
    public void A_closed_program_is_named_with_its_kind()
    {
        var program = TestPrograms.Proceed();
        program.Dispose();
        AssertNames(() => program.Id, "program 'proceed' (CgroupSockAddr)");
        AssertNames(() => program.TestRun(new()), "program 'proceed' (CgroupSockAddr)");
        using var cgroup = new TestCgroup();
        AssertNames(() => CgroupLink.Attach(program, cgroup.Cgroup).Dispose(), "program 'proceed' (CgroupSockAddr)");
    }

    [Test]
    public void A_closed_link_is_named_with_its_kind()
    {
        using var cgroup = new TestCgroup();
        using var program = TestPrograms.Proceed();
        var link = CgroupLink.Attach(program, cgroup.Cgroup);
        link.Dispose();
        AssertNames(() => link.Info, "link of 'proceed' (CgroupLink)");
        AssertNames(() => link.Update(program), "link of 'proceed' (CgroupLink)");
    }

    [Test]
    public void Memory_of_a_map_that_is_unmapped_is_named_by_the_map()
    {
        using var map = BpfMap.Create(MapSpec.Array<ulong>("places", 4, MapFlags.Mappable));
        var memory = map.MapMemory<ulong>();
        memory.Dispose();
        AssertNames(() => memory.Slice(0, 1).Length, "memory of map 'places'");
    }

    [Test]
    public void A_closed_socket_of_routes_is_named_by_what_it_was_made_as()
    {
        var route = new RouteNetlink();
        route.Dispose();
        AssertNames(() => route.ListLinks(), "RouteNetlink");
        AssertNames(() => route.SetLinkUp(1), "RouteNetlink");
        var sockets = new SocketDiagnostics();
        sockets.Dispose();
        AssertNames(() => sockets.List(new(System.Net.Sockets.ProtocolType.Tcp)), "SocketDiagnostics");
    }

    private static void AssertNames<T>(Func<T> use, string owner) => AssertNames(() => { _ = use(); }, owner);

    private static void AssertNames(Action use, string owner) =>
        Assert.That(use, Throws.TypeOf<ObjectDisposedException>().With.Property(nameof(ObjectDisposedException.ObjectName)).EqualTo(owner));
}
