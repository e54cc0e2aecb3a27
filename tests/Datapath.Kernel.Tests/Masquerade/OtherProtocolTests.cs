using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Protocols whose ports cannot be changed, or that have none, never leave with the pod's address unless that was asked for.</summary>
[LoadTest]
internal sealed partial class OtherProtocolTests
{
    private const int Patience = 5000;

    [Test]
    public void A_packet_of_another_protocol_is_treated_as_was_asked_for(
        [Values] UntranslatableProtocols wanted, [Values(2, 47, 50, 132)] int protocol) // IGMP, GRE, ESP, SCTP
    {
        using var lab = new NatLab(options => options with { Untranslatable = wanted });
        lab.RouteBack();
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = Open(lab.Router, protocol, NatLab.Outside4);
        using var caller = Open(lab.Pod, protocol, NatLab.Pod4);
        _ = caller.SendTo(new byte[64], new IPEndPoint(NatLab.Outside4, 0));
        if (wanted is UntranslatableProtocols.Drop)
        {
            Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedProtocol)], Is.EqualTo(1));
            Assert.That(callee.Available, Is.Zero);
            return;
        }

        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _ = callee.ReceiveFrom(new byte[128], ref from);
        Assert.That(((IPEndPoint)from).Address, Is.EqualTo(wanted is UntranslatableProtocols.Pass ? NatLab.Pod4 : NatLab.Node4));
        _ = callee.SendTo(new byte[64], from);
        _ = caller.ReceiveFrom(new byte[128], ref from);
        Assert.That(((IPEndPoint)from).Address, Is.EqualTo(NatLab.Outside4));
    }

    [Test]
    public void Of_two_sources_that_send_one_peer_such_packets_one_has_the_address()
    {
        using var lab = new NatLab(static options => options with { Untranslatable = UntranslatableProtocols.TranslateAddress });
        lab.Masquerade.Apply(NatLab.Rules());
        using (var pod = lab.Pod.OpenRouteNetlink())
            pod.AddAddress(pod.GetLink("eth0").Index, IPAddress.Parse("10.98.0.3"), 24);
        using var first = Open(lab.Pod, 50, NatLab.Pod4);
        using var second = Open(lab.Pod, 50, IPAddress.Parse("10.98.0.3"));
        _ = first.SendTo(new byte[64], new IPEndPoint(NatLab.Outside4, 0));
        _ = second.SendTo(new byte[64], new IPEndPoint(NatLab.Outside4, 0));
        Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)], Is.EqualTo(1));
        Assert.That(lab.Masquerade.ReadFlows().Single().Source.Address, Is.EqualTo(NatLab.Pod4));
    }

    // The classes of .NET know few protocols by number, but take a descriptor of any.
    internal static Socket Open(NetworkNamespace network, int protocol, IPAddress address) => network.Run(() =>
    {
        const int Inet = 2;
        const int Raw = 3;
        var opened = new Socket(new SafeSocketHandle(socket(Inet, Raw, protocol), ownsHandle: true)) { ReceiveTimeout = Patience };
        opened.Bind(new IPEndPoint(address, 0));
        return opened;
    });

    [LibraryImport("libc")]
    private static partial int socket(int domain, int type, int protocol);
}
