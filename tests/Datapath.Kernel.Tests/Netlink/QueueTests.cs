using Datapath.Kernel.Tests.Bpf;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class QueueTests
{
    private NetworkNamespace _net = null!;
    private RouteNetlink _route = null!;
    private int _index;

    // Each with what a kernel that has the kind lists after adding it.
    private static IEnumerable<QueueOptions> MayBeMissing =>
    [
        new FairQueueOptions { PacketLimit = 5000, FlowPacketLimit = 50, Paces = true, MaximumFlowRate = 1_000_000 },
        new FairCodelOptions { PacketLimit = 500, Flows = 64, Target = TimeSpan.FromMicroseconds(8192), Interval = TimeSpan.FromMicroseconds(81920), MarksCongestion = false },
        new NetworkEmulationOptions { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(1), Loss = 0.5, PacketLimit = 77 },
    ];

    [SetUp]
    public void MakeLink()
    {
        _net = NetworkNamespace.Create();
        _route = _net.OpenRouteNetlink();
        _index = _route.CreateVeth("a", "b");
        _route.SetLinkUp(_index);
    }

    [TearDown]
    public void DropNamespace()
    {
        _route.Dispose();
        _net.Dispose();
    }

    [Test]
    public void A_token_bucket_is_added_listed_changed_and_deleted()
    {
        var queue = new QueueDiscipline(_index, new TokenBucketOptions(1_250_000, 50_000, 100_000)) { Handle = TcHandle.Create(1) };
        _route.AddQueue(queue);
        var listed = _route.ListQueues(_index).Single();
        AssertNear(listed, queue);
        Assert.That(() => _route.AddQueue(queue), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));

        var faster = queue with { Options = new TokenBucketOptions(10_000_000_000, 4_000_000, 8_000_000) };
        _route.ReplaceQueue(faster); // more than 32 bits can hold
        AssertNear(_route.ListQueues(_index).Single(), faster);

        _route.DeleteQueue(listed);
        Assert.That(_route.ListQueues(_index).Select(static item => item.Options.Kind), Does.Not.Contain("tbf"));
        Assert.That(() => _route.DeleteQueue(listed), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EINVAL));
    }

    [Test]
    public void Classes_name_their_discipline()
    {
        _route.AddQueue(new(_index, new TokenBucketOptions(1_250_000, 50_000, 100_000)) { Handle = TcHandle.Create(1) });
        var only = _route.ListTrafficClasses(_index).Single();
        Assert.That((only.Kind, only.Handle, only.Parent), Is.EqualTo(("tbf", TcHandle.Create(1, 1), TcHandle.Root)).Or.EqualTo(("tbf", TcHandle.Create(1, 1), TcHandle.Create(1))));
    }

    [Test]
    public void Clsact_has_its_own_place_beside_the_root()
    {
        var clsact = new QueueDiscipline(_index, new ClsactOptions());
        _route.AddQueue(clsact);
        var listed = _route.ListQueues().Single(static queue => queue.Options is ClsactOptions);
        Assert.That((listed.InterfaceIndex, listed.Handle, listed.Parent), Is.EqualTo((_index, TcHandle.Create(0xffff), TcHandle.Clsact)));
        Assert.That(() => _route.AddQueue(clsact), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
        _route.DeleteQueue(listed);
        Assert.That(_route.ListQueues(_index).Select(static queue => queue.Options), Has.None.TypeOf<ClsactOptions>());
    }

    [Test]
    public void Filters_tell_their_program()
    {
        Assert.That(_route.ListTrafficFilters(_index, TcHandle.Ingress), Is.Empty);
        using var program = TestPrograms.Return(0, ProgramType.SchedClassifier);
        using var filter = _net.Run(() => TcFilter.Attach(
            program, new() { InterfaceIndex = _index, Direction = TcxDirection.Ingress, Priority = 7, Handle = 9 }));
        Assert.That(_route.ListTrafficFilters(_index, TcHandle.Ingress), Is.EqualTo(new[]
        {
            new TrafficFilter(_index, TcHandle.Ingress, "bpf") { Priority = 7, Protocol = 3, Handle = 9, ProgramName = program.Name, ProgramId = program.Id },
        }));
        Assert.That(_route.ListTrafficFilters(_index, TcHandle.Egress), Is.Empty);
    }

    [TestCaseSource(nameof(MayBeMissing))]
    public void A_kind_that_the_kernel_lacks_is_named_in_its_words_else_it_is_listed_as_added(QueueOptions options)
    {
        try
        {
            _route.AddQueue(new(_index, options));
        }
        catch (NetlinkException e)
        {
            Assert.That(e.Message, Is.EqualTo($"add queueing discipline {options.Kind} at root of interface {_index}: ENOENT (Specified qdisc kind is unknown)"));
            return;
        }

        Assert.That(Comparable(_route.ListQueues(_index).Single().Options), Is.EqualTo(Comparable(options)));
    }

    [Test]
    public void Options_that_cannot_be_are_a_mistake_of_the_caller()
    {
        Assert.That(() => _route.AddQueue(new(_index, new TokenBucketOptions(0, 1, 1))), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new NetworkEmulationOptions { Loss = 1.1 })), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new NetworkEmulationOptions { PacketLimit = -1 })), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new FairQueueOptions { PacketLimit = -1 })), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new FairQueueOptions { MaximumFlowRate = -1 })), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new FairCodelOptions { PacketLimit = -1 })), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _route.AddQueue(new(_index, new FairCodelOptions { Target = TimeSpan.FromDays(1) })), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Handles_are_written_as_tc_writes_them() => Assert.That(
        new[] { TcHandle.Root, TcHandle.Create(1), TcHandle.Create(0x10, 0x2a), TcHandle.Ingress }.Select(static handle => handle.ToString()),
        Is.EqualTo(new[] { "root", "1:", "10:2a", "ffff:fff2" }));

    private static void AssertNear(QueueDiscipline listed, QueueDiscipline expected)
    {
        var (actual, should) = ((TokenBucketOptions)listed.Options, (TokenBucketOptions)expected.Options);
        Assert.That((listed.Handle, listed.Parent, actual.BytesPerSecond, actual.LimitBytes), Is.EqualTo((expected.Handle, expected.Parent, should.BytesPerSecond, should.LimitBytes)));
        Assert.That(actual.BurstBytes, Is.EqualTo(should.BurstBytes).Within(1).Percent);
    }

    // Without what the kernel has added by default.
    private static QueueOptions Comparable(QueueOptions options) => options switch
    {
        FairQueueOptions fq => fq with { Horizon = null, DropsBeyondHorizon = null },
        NetworkEmulationOptions netem => netem with { Loss = Math.Round(netem.Loss, 6) },
        _ => options,
    };
}
