using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>Programs at netkit devices, as the kernel is asked for them.</summary>
[TestFixture]
internal sealed unsafe class NetkitTests
{
    [TestCase(NetkitSide.Primary, AttachType.NetkitPrimary)]
    [TestCase(NetkitSide.Peer, AttachType.NetkitPeer)]
    public void A_program_is_attached_to_a_side_of_a_device_in_an_order(NetkitSide side, AttachType hook)
    {
        LinkCreateAttr asked = default;
        var kernel = new FakeKernel();
        using var play = kernel.On(BpfCommand.LinkCreate, (void* attr, ref int result) =>
        {
            asked = *(LinkCreateAttr*)attr;
            return kernel.Answer(BpfCommand.LinkCreate, attr, ref result);
        }).Play();
        using var program = FakeObjects.Program();
        using var first = NetkitLink.Attach(program, new() { InterfaceIndex = 7, Side = side, ExpectedRevision = 3 });
        Assert.That((asked.TargetFd, asked.AttachType, asked.Flags, asked.RelativeFd, asked.ExpectedRevision), Is.EqualTo((7U, (uint)hook, 1U << 4, 0U, 3UL)));
        using var second = NetkitLink.Attach(program, new() { InterfaceIndex = 7, Side = side, Placement = TcxPlacement.Before(first) });
        Assert.That((asked.Flags, asked.RelativeFd), Is.EqualTo(((1U << 3) | (1U << 13), (uint)first.Handle.DangerousGetHandle())));
    }

    [Test]
    public void A_device_that_is_no_netkit_is_told_from_a_kernel_without_netkit()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.ENXIO).FailAlways(BpfCommand.ProgQuery, Errno.ENODEV).Play();
        using var program = FakeObjects.Program();
        Assert.That(
            () => NetkitLink.Attach(program, new() { InterfaceIndex = 7, Side = NetkitSide.Peer }).Dispose(),
            Throws.TypeOf<BpfException>().With.Message.EqualTo("attach program 'fake' to interface 7 (netkit Peer): ENXIO"));
        Assert.That(static () => NetkitLink.Query(7, NetkitSide.Peer), Throws.TypeOf<BpfException>().With.Message.EqualTo("query the programs of interface 7 (netkit Peer): ENODEV"));
    }

    [Test]
    public void Only_programs_that_decide_on_packets_are_taken()
    {
        using var play = new FakeKernel().Play();
        using var xdp = FakeObjects.Program(ProgramType.Xdp);
        Assert.That(
            () => NetkitLink.Attach(xdp, new() { InterfaceIndex = 7, Side = NetkitSide.Primary }).Dispose(),
            Throws.ArgumentException.With.Message.StartsWith("program 'fake' is a Xdp, netkit Primary takes a SchedClassifier"));
    }
}
