using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs before the stack: on the veth of a pod, and on a loopback.</summary>
[TestFixture]
internal sealed class XdpLinkTests
{
    private const int Drop = 1;
    private const int Pass = 2;
    private const int Loopback = 1;

    [Test]
    public void Dropping_packets_of_a_veth_stops_a_pod_until_the_link_is_disposed([Values] XdpMode mode)
    {
        using var network = new PodNetwork(2);
        using var server = new NameServer(network[1], "server", ServiceLab.BackendPort);
        using var program = TestPrograms.Return(Drop, ProgramType.Xdp);
        network[2].Run(() =>
        {
            Assert.That(Dial.Udp(PodNetwork.V4(1), ServiceLab.BackendPort).Pod, Is.EqualTo("server"));
            using var route = new Datapath.Linux.Netlink.RouteNetlink();
            var eth0 = route.GetLink("eth0").Index;
            using (var link = XdpLink.Attach(program, eth0, mode))
            {
                Assert.That(Dial.Udp(PodNetwork.V4(1), ServiceLab.BackendPort).Errno, Is.Not.EqualTo(Errno.None));
                Assert.That(link.InterfaceIndex, Is.EqualTo(eth0));
                Assert.That(link.Info.Kind, Is.EqualTo(BpfLinkKind.Xdp));
                Assert.That(link.Target, Is.EqualTo($"interface {eth0} (XDP)"));
                var isGeneric = mode is XdpMode.Generic; // the driver of veth runs programs itself
                Assert.That(XdpPrograms.Query(eth0), Is.EqualTo(isGeneric ? new XdpPrograms(program.Id, 0) : new XdpPrograms(0, program.Id)));
            }

            Assert.That(Dial.Udp(PodNetwork.V4(1), ServiceLab.BackendPort).Pod, Is.EqualTo("server"));
        });
    }

    [Test]
    public void An_interface_takes_one_program_and_a_link_another() => InNamespace(static () =>
    {
        using var pass = TestPrograms.Return(Pass, ProgramType.Xdp);
        using var drop = TestPrograms.Return(Drop, ProgramType.Xdp);
        using var link = XdpLink.Attach(pass, Loopback, XdpMode.Generic);
        Assert.That(Datagrams.Arrive(), Is.True);
        Assert.That(() => XdpLink.Attach(drop, Loopback, XdpMode.Generic), Throws.TypeOf<BpfException>().With.Message.EqualTo(
            $"attach program 'return_1' to interface 1 (XDP, Generic): EBUSY (it runs program {pass.Id} already, in mode Generic)"));
        link.Update(drop);
        Assert.That(Datagrams.Arrive(), Is.False);
    });

    [Test]
    public void A_driver_that_cannot_is_told_from_one_that_can() => InNamespace(static () =>
    {
        using var program = TestPrograms.Return(Pass, ProgramType.Xdp);
        Assert.That(() => XdpLink.Attach(program, Loopback, XdpMode.Native), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EOPNOTSUPP));
        Assert.That(() => XdpLink.Attach(program, Loopback), Throws.Nothing);
    });

    [Test]
    public void An_interface_without_programs_says_so_and_one_that_is_not_there_is_refused() => InNamespace(static () =>
    {
        Assert.That(XdpPrograms.Query(Loopback), Is.EqualTo(new XdpPrograms(0, 0)));
        Assert.That(static () => XdpPrograms.Query(999), Throws.TypeOf<Datapath.Linux.Netlink.NetlinkException>().With.Property("Errno").EqualTo(Errno.ENODEV));
    });

    [Test]
    public void An_interface_that_is_not_there_is_told() => InNamespace(static () =>
    {
        using var program = TestPrograms.Return(Pass, ProgramType.Xdp);
        Assert.That(
            () => XdpLink.Attach(program, 999),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("(there is no such interface in the network namespace of this thread)"));
    });

    [Test]
    public void A_program_of_another_kind_is_refused() => InNamespace(static () =>
    {
        using var program = TestPrograms.Return(Pass, ProgramType.SchedClassifier);
        Assert.That(() => XdpLink.Attach(program, Loopback), Throws.ArgumentException);
    });

    private static void InNamespace(Action action)
    {
        using var network = NetworkNamespace.Create();
        network.Run(action);
    }
}
