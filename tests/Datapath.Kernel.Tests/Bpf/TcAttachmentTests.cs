using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs on packets by whatever the kernel has: the same tests for both ways, at the loopback of a namespace of the test's own.</summary>
[TestFixture(TcMechanism.Tcx)]
[TestFixture(TcMechanism.Filter)]
internal sealed class TcAttachmentTests(TcMechanism mechanism)
{
    private const int Next = -1;
    private const int Pass = 0;
    private const int Drop = 2;
    private const int Loopback = 1;

    [Test]
    public void Dropping_packets_stops_them_until_the_attachment_is_disposed([Values] TcxDirection direction) => InNamespace(() =>
    {
        using var program = Program(Drop);
        using (var attachment = TcAttachment.Attach(program, Options() with { Direction = direction }))
        {
            Assert.That(Datagrams.Arrive(), Is.False);
            Assert.That(attachment.Mechanism, Is.EqualTo(mechanism));
            Assert.That((attachment.Link is null, attachment.Filter is null), Is.EqualTo((mechanism is TcMechanism.Filter, mechanism is TcMechanism.Tcx)));
        }

        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void Programs_run_in_the_order_asked_for() => InNamespace(() =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var passing = TcAttachment.Attach(pass, Options());
        using (TcAttachment.Attach(drop, Options()))
            Assert.That(Datagrams.Arrive(), Is.True, "the last one decided");
        using (TcAttachment.Attach(drop, Options() with { Position = TcPosition.First }))
            Assert.That(Datagrams.Arrive(), Is.False, "the last one decided");
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void The_last_comes_after_all_even_if_an_earlier_one_has_left() => InNamespace(() =>
    {
        using var first = Program(Next);
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        var leaving = TcAttachment.Attach(first, Options());
        using var passing = TcAttachment.Attach(pass, Options());
        leaving.Dispose();
        using var last = TcAttachment.Attach(drop, Options());
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void An_update_replaces_the_program() => InNamespace(() =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var attachment = TcAttachment.Attach(pass, Options());
        attachment.Update(drop);
        Assert.That(Datagrams.Arrive(), Is.False);
    });

    [Test]
    public void An_attachment_whose_interface_is_gone_is_disposed_quietly() => InNamespace(() =>
    {
        using var route = new RouteNetlink();
        var index = route.CreateVeth("one", "other");
        using var program = Program(Pass);
        var attachment = TcAttachment.Attach(program, Options() with { InterfaceIndex = index });
        route.DeleteLink(index);
        Assert.That(attachment.Dispose, Throws.Nothing);
    });

    [Test]
    public void What_cannot_be_is_refused() => InNamespace(() =>
    {
        if (mechanism is TcMechanism.Tcx)
            BpfFeature.Tcx.ThrowIfUnsupported();
        using var program = Program(Pass);
        using var other = TestPrograms.Return(Drop, ProgramType.Xdp);
        Assert.That(() => TcAttachment.Attach(program, Options() with { InterfaceIndex = 999 }), Throws.InstanceOf<LinuxException>().With.Property("Errno").EqualTo(Errno.ENODEV));
        Assert.That(() => TcAttachment.Attach(program, Options() with { InterfaceIndex = 0 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => TcAttachment.Attach(program, Options() with { Position = (TcPosition)7 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => TcAttachment.Attach(program, Options() with { Mechanism = (TcMechanism)7 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => TcAttachment.Attach(other, Options()), Throws.ArgumentException);
    });

    private static BpfProgram Program(int result) => TestPrograms.Return(result, ProgramType.SchedClassifier);

    private static void InNamespace(Action action)
    {
        using var network = NetworkNamespace.Create();
        network.Run(action);
    }

    private TcAttachmentOptions Options() => new() { InterfaceIndex = Loopback, Direction = TcxDirection.Ingress, Mechanism = mechanism };
}

/// <summary>Which way is taken, and what only one of them has.</summary>
[TestFixture]
internal sealed class TcMechanismTests
{
    private static readonly TcAttachmentOptions s_ingress = new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress };

    [Test]
    public void Where_the_kernel_has_tcx_it_is_taken()
    {
        using var network = NetworkNamespace.Create();
        network.Run(static () =>
        {
            using var program = TestPrograms.Return(0, ProgramType.SchedClassifier);
            using var attachment = TcAttachment.Attach(program, s_ingress);
            Assert.That(attachment.Mechanism, Is.EqualTo(BpfFeature.Tcx.IsSupported ? TcMechanism.Tcx : TcMechanism.Filter));
        });
    }

    [Test]
    public void Filters_of_others_keep_their_place([Values] TcPosition position)
    {
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            using var pass = TestPrograms.Return(0, ProgramType.SchedClassifier);
            using var drop = TestPrograms.Return(2, ProgramType.SchedClassifier);
            using var theirs = TcFilter.Attach(pass, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress, Priority = 100 });
            using var ours = TcAttachment.Attach(drop, s_ingress with { Mechanism = TcMechanism.Filter, Position = position });
            Assert.That(Datagrams.Arrive(), Is.EqualTo(position is TcPosition.Last));
        });
    }

    [Test]
    public void A_filter_that_its_process_left_is_found_by_its_name_and_replaced_in_its_place()
    {
        var options = s_ingress with { Mechanism = TcMechanism.Filter, Name = "ours" };
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            using var pass = TestPrograms.Return(0, ProgramType.SchedClassifier);
            using var drop = TestPrograms.Return(2, ProgramType.SchedClassifier);
            _ = TcAttachment.Attach(drop, options); // as a process does that dies
            using var last = TcAttachment.Attach(drop, s_ingress with { Mechanism = TcMechanism.Filter });
            var before = TcFilter.Query(1, TcxDirection.Ingress);
            using (var attachment = TcAttachment.Attach(pass, options))
            {
                Assert.That(TcFilter.Query(1, TcxDirection.Ingress), Is.EqualTo(before.SetItem(0, before[0] with { ProgramId = pass.Id })));
                Assert.That(Datagrams.Arrive(), Is.True);
            }

            Assert.That(TcFilter.Query(1, TcxDirection.Ingress), Is.EqualTo(before.RemoveAt(0)));
        });
    }

    [Test]
    public void A_side_without_room_is_named()
    {
        using var network = NetworkNamespace.Create();
        network.Run(static () =>
        {
            using var program = TestPrograms.Return(0, ProgramType.SchedClassifier);
            using var first = TcFilter.Attach(program, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress, Priority = 1 });
            Assert.That(
                () => TcAttachment.Attach(program, s_ingress with { Mechanism = TcMechanism.Filter, Position = TcPosition.First }),
                Throws.TypeOf<LinuxException>().With.Message.EqualTo(
                    "attach program 'return_0' to interface 1 (tc Ingress, First): ERANGE (another filter has the last priority on that side)"));
        });
    }
}
