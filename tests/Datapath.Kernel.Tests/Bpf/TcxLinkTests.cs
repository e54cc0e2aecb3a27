using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs in order at an interface: the loopback of a namespace of the test's own.</summary>
[TestFixture]
internal sealed class TcxLinkTests
{
    private const int Next = -1;
    private const int Pass = 0;
    private const int Drop = 2;
    private const int Loopback = 1;

    private NetworkNamespace _network = null!;
    private TestPins _pins = null!;

    [SetUp]
    public void MakeNamespace() => (_network, _pins) = (NetworkNamespace.Create(), new());

    [TearDown]
    public void RemoveNamespace()
    {
        _pins.Dispose();
        _network.Dispose();
    }

    [Test]
    public void Dropping_packets_stops_them_until_the_link_is_disposed([Values] TcxDirection direction) => _network.Run(() =>
    {
        using var program = Program(Drop);
        Assert.That(Datagrams.Arrive(), Is.True);
        using (var link = TcxLink.Attach(program, new() { InterfaceIndex = Loopback, Direction = direction }))
        {
            Assert.That(Datagrams.Arrive(), Is.False);
            Assert.That(link.Info, Is.EqualTo(new BpfLinkInfo(link.Info.Id, BpfLinkKind.Tcx, program.Id)));
            Assert.That((link.InterfaceIndex, link.Direction), Is.EqualTo((Loopback, direction)));
            Assert.That(link.Target, Is.EqualTo($"interface 1 (tcx {direction})"));
        }

        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void Programs_run_in_the_order_asked_for() => _network.Run(() =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var passing = TcxLink.Attach(pass, Ingress());
        using (TcxLink.Attach(drop, Ingress()))
            Assert.That(Datagrams.Arrive(), Is.True, "the later one decided");
        using (TcxLink.Attach(drop, Ingress(TcxPlacement.First)))
            Assert.That(Datagrams.Arrive(), Is.False, "the later one decided");
    });

    [Test]
    public void A_program_is_placed_before_and_after_links_and_programs() => _network.Run(() =>
    {
        using var first = Program(Next);
        using var second = Program(Next);
        using var third = Program(Next);
        using var fourth = Program(Next);
        using var thirdLink = TcxLink.Attach(third, Ingress());
        using var firstLink = TcxLink.Attach(first, Ingress(TcxPlacement.Before(thirdLink)));
        using var secondLink = TcxLink.Attach(second, Ingress(TcxPlacement.After(firstLink)));
        using var fourthLink = TcxLink.Attach(fourth, Ingress(TcxPlacement.After(third)));
        Assert.That(
            TcxLink.Query(Loopback, TcxDirection.Ingress).Programs,
            Is.EqualTo(new[] { Attached(first, firstLink), Attached(second, secondLink), Attached(third, thirdLink), Attached(fourth, fourthLink) }));
    });

    [Test]
    public void A_neighbour_that_is_not_there_is_refused() => _network.Run(() =>
    {
        using var program = Program(Next);
        using var other = Program(Next);
        using var stranger = Program(Next);
        using var link = TcxLink.Attach(program, Ingress());
        Assert.That(
            () => TcxLink.Attach(other, Ingress(TcxPlacement.Before(stranger))),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("ENOENT (the program or link that it was to be placed beside is not attached there)"));
    });

    [Test]
    public void A_program_is_attached_to_a_place_once() => _network.Run(() =>
    {
        using var program = Program(Next);
        using var link = TcxLink.Attach(program, Ingress());
        Assert.That(
            () => TcxLink.Attach(program, Ingress()),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("(tcx Ingress): EEXIST (this program is attached there already)"));
    });

    [Test]
    public void A_change_by_others_is_noticed_by_the_revision() => _network.Run(() =>
    {
        var before = TcxLink.Query(Loopback, TcxDirection.Ingress);
        Assert.That(before.Revision, Is.EqualTo(1));
        Assert.That(before.Programs, Is.Empty);
        using var program = Program(Next);
        using var link = TcxLink.Attach(program, Ingress() with { ExpectedRevision = before.Revision });
        var after = TcxLink.Query(Loopback, TcxDirection.Ingress);
        Assert.That(after.Revision, Is.EqualTo(2));
        Assert.That($"{after}", Is.EqualTo($"TcxPrograms {{ Revision = 2, Programs = [{after.Programs[0]}] }}"));
        using var other = Program(Next);
        Assert.That(
            () => TcxLink.Attach(other, Ingress() with { ExpectedRevision = before.Revision }),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("ESTALE (what is attached there has changed since its revision was read; query again)"));
    });

    [Test]
    public void An_update_replaces_the_program_in_its_place() => _network.Run(() =>
    {
        using var pass = Program(Pass);
        using var drop = Program(Drop);
        using var link = TcxLink.Attach(pass, Ingress());
        link.Update(drop);
        Assert.That(Datagrams.Arrive(), Is.False);
        Assert.That(link.ProgramId, Is.EqualTo(drop.Id));
    });

    [Test]
    public void A_program_of_another_kind_is_refused() => _network.Run(() =>
    {
        using var program = Program(Pass);
        using var link = TcxLink.Attach(program, Ingress());
        using var other = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(() => TcxLink.Attach(other, Ingress()), Throws.ArgumentException.With.Message.StartsWith("program 'return_2' is a Xdp, tcx Ingress takes a SchedClassifier"));
        Assert.That(() => link.Update(other), Throws.ArgumentException.With.Message.StartsWith("program 'return_2' is a Xdp, the link of 'return_0' takes a SchedClassifier"));
        Assert.That(link.ProgramId, Is.EqualTo(program.Id));
    });

    [Test]
    public void A_pinned_link_opens_as_what_it_is() => _network.Run(() =>
    {
        using (var program = Program(Drop))
        using (var link = TcxLink.Attach(program, Ingress()))
            link.Pin(_pins["drop"]);
        Assert.That(Datagrams.Arrive(), Is.False);
        using var opened = BpfLink.OpenPinned(_pins["drop"]);
        Assert.That(opened, Is.TypeOf<TcxLink>());
        using (var byId = BpfLink.OpenById(opened.Info.Id))
            Assert.That(byId.Info, Is.EqualTo(opened.Info));
        Assert.That(() => CgroupLink.OpenPinned(_pins["drop"]), Throws.TypeOf<BpfException>().With.Message.Contains("it is a link of kind Tcx"));
        opened.Detach();
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void When_its_interface_is_removed_a_link_has_none_any_more() => _network.Run(() =>
    {
        using var route = new RouteNetlink();
        var index = route.CreateVeth("one", "other");
        using var program = Program(Pass);
        using var link = TcxLink.Attach(program, Ingress() with { InterfaceIndex = index });
        Assert.That(link.InterfaceIndex, Is.EqualTo(index));
        route.DeleteLink(index);
        Assert.That(link.InterfaceIndex, Is.Zero);
        Assert.That(() => link.Update(program), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENOLINK));
    });

    [Test]
    [MinimumKernel("6.6", "tcx")]
    public void An_interface_that_is_not_there_is_refused() => _network.Run(() =>
    {
        using var program = Program(Pass);
        Assert.That(
            () => TcxLink.Attach(program, Ingress() with { InterfaceIndex = 999 }),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("attach program 'return_0' to interface 999 (tcx Ingress): ENODEV (no such interface in this network namespace)"));
        Assert.That(() => TcxLink.Query(999, TcxDirection.Egress), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENODEV));
    });

    private static BpfProgram Program(int result) => TestPrograms.Return(result, ProgramType.SchedClassifier);

    private static TcxLinkOptions Ingress(TcxPlacement? placement = null) =>
        new() { InterfaceIndex = Loopback, Direction = TcxDirection.Ingress, Placement = placement ?? TcxPlacement.Last };

    private static AttachedProgram Attached(BpfProgram program, BpfLink link) => new(program.Id, link.Info.Id);
}
