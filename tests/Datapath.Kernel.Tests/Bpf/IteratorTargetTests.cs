using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Walks over a part of what there is, read as records.</summary>
[TestFixture]
internal sealed partial class IteratorTargetTests
{
    private BpfObject _object = null!;

    [OneTimeSetUp]
    public void Load() => _object = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("iterators")));

    [OneTimeTearDown]
    public void Unload() => _object.Dispose();

    [Test]
    public void A_walk_over_a_process_shows_its_threads_and_no_others()
    {
        using var iterator = BpfIterator.CreateForProcess(_object.Programs["tasks"], Environment.ProcessId);
        var threads = iterator.ReadAll<TaskRecord>().ToList();
        Assert.That(threads.Select(static t => t.Process).Distinct(), Has.Exactly(1).Items);
        Assert.That(threads.Select(static t => t.Thread), Is.Unique);
        Assert.That(threads, Has.Count.GreaterThan(1)); // a .NET process has several
        Assert.That((iterator.TargetName, iterator.Target), Is.EqualTo(("task", "walk over task")));
    }

    [Test]
    public void A_walk_over_a_thread_shows_it_alone()
    {
        using var iterator = BpfIterator.CreateForThread(_object.Programs["tasks"], gettid());
        Assert.That(iterator.ReadAll<TaskRecord>().ToList(), Has.Count.EqualTo(1));
        Assert.That(() => iterator.ReadAll<(int, long)>().Count(), Throws.TypeOf<MapLayoutException>().With.Message.Contains("the runtime arranges the fields of ValueTuple`2"));
    }

    [Test]
    [MinimumKernel("6.1", "a walk over one thread")]
    public void A_program_that_walks_over_something_else_is_refused_for_a_thread() =>
        AssertRefused(() => BpfIterator.CreateForThread(_object.Programs["udp_sockets"], gettid()), "udp", "threads");

    [Test]
    [MinimumKernel("6.1", "a walk over one process")]
    public void A_program_that_walks_over_something_else_is_refused_for_a_process() =>
        AssertRefused(() => BpfIterator.CreateForProcess(_object.Programs["udp_sockets"], Environment.ProcessId), "udp", "processes");

    [Test]
    [MinimumKernel("6.1", "a walk over cgroups")]
    public void A_program_that_walks_over_something_else_is_refused_for_a_cgroup()
    {
        using var cgroup = new TestCgroup();
        AssertRefused(() => BpfIterator.CreateForCgroup(_object.Programs["udp_sockets"], cgroup.Cgroup), "udp", "cgroups");
    }

    [TestCase("udp_sockets", "udp")]
    [TestCase("tasks", "task")]
    public void A_program_that_walks_over_no_map_is_refused_for_one(string program, string target) =>
        AssertRefused(() => BpfIterator.Create(_object.Programs[program], _object.Maps["marks"]), target, "elements of a map");

    [Test]
    public void A_walk_over_a_process_that_is_not_there_is_empty()
    {
        using var iterator = BpfIterator.CreateForProcess(_object.Programs["tasks"], int.MaxValue);
        Assert.That(iterator.ReadAll<TaskRecord>(), Is.Empty);
    }

    [Test]
    public void A_walk_over_the_files_of_a_process_shows_one_that_it_opened()
    {
        using var iterator = BpfIterator.CreateForProcess(_object.Programs["files"], Environment.ProcessId);
        using var file = File.OpenHandle("/dev/null");
        var descriptor = (int)file.DangerousGetHandle();
        Assert.That(iterator.ReadAll<int>(), Has.Member(descriptor));
    }

    [Test]
    public void A_walk_over_cgroups_shows_them_in_the_order_asked_for()
    {
        using var cgroup = new TestCgroup();
        var (top, below) = (cgroup.Cgroup, cgroup.Cgroup.CreateChild("below"));
        try
        {
            Assert.That(Walk(top, CgroupWalk.SubtreeParentsFirst), Is.EqualTo((ulong[])[top.Id, below.Id]));
            Assert.That(Walk(top, CgroupWalk.SubtreeChildrenFirst), Is.EqualTo((ulong[])[below.Id, top.Id]));
            Assert.That(Walk(top, CgroupWalk.Self), Is.EqualTo((ulong[])[top.Id]));
            Assert.That(Walk(below, CgroupWalk.Ancestors).Take(2), Is.EqualTo((ulong[])[below.Id, top.Id]));
            Assert.That(() => Walk(top, (CgroupWalk)9), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
        finally
        {
            below.Delete();
        }
    }

    [Test]
    public void A_walk_over_udp_sockets_shows_those_of_the_namespace_in_which_it_starts()
    {
        using var network = NetworkNamespace.Create();
        using var iterator = BpfIterator.Create(_object.Programs["udp_sockets"]);
        network.Run(() =>
        {
            using var first = Bound(5001);
            using var second = Bound(5002);
            Assert.That(iterator.ReadAll<ushort>(), Is.EquivalentTo((ushort[])[5001, 5002]));
        });
    }

    [Test]
    public void A_walk_over_the_storage_of_sockets_shows_what_was_put_into_each()
    {
        using var iterator = BpfIterator.Create(_object.Programs["marked_sockets"], _object.Maps["marks"]);
        var marks = _object.Maps["marks"].AsSocketStorage<ulong>();
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            using var first = Bound(5003);
            using var second = Bound(5004);
            marks.Set(first.SafeHandle, 71);
            marks.Set(second.SafeHandle, 72);
            Assert.That(
                iterator.ReadAll<MarkRecord>(),
                Is.EquivalentTo((MarkRecord[])[new(71, 5003), new(72, 5004)]));
        });
        Assert.That(iterator.TargetName, Is.EqualTo("bpf_sk_storage_map"));
    }

    [Test]
    public void A_record_of_another_size_is_noticed()
    {
        using var iterator = BpfIterator.CreateForThread(_object.Programs["tasks"], gettid());
        Assert.That(
            () => iterator.ReadAll<Triple>().Count(),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("the walk of 'tasks' ends 2 bytes into a record: Triple has 3 bytes, what the program writes has not"));
    }

    [Test]
    public void A_program_made_for_other_objects_is_refused()
    {
        Assert.That(
            () => BpfIterator.CreateForCgroup(_object.Programs["marked_sockets"], Linux.Cgroups.Cgroup2.OpenCurrent()),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("(the program does not walk over cgroups)"));
    }

    private static void AssertRefused(Func<BpfIterator> create, string target, string limit) => Assert.That(
        () =>
        {
            using var iterator = create();
        },
        Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EINVAL).And.Message.EndsWith($"(it walks over {target}, which does not go by {limit})"));

    private static Socket Bound(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private ulong[] Walk(Linux.Cgroups.Cgroup cgroup, CgroupWalk walk)
    {
        using var iterator = BpfIterator.CreateForCgroup(_object.Programs["cgroups"], cgroup, walk);
        return [.. iterator.ReadAll<ulong>()];
    }

    [LibraryImport("libc")]
    private static partial int gettid();

    private readonly record struct TaskRecord(int Thread, int Process);

    private readonly record struct MarkRecord(ulong Mark, ulong Port);

    private readonly record struct Triple(byte First, byte Second, byte Third);
}
