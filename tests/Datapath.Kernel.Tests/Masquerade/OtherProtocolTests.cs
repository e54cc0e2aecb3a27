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

    /// <summary>A router before the outside tells of a packet that may not pass it; the error quotes the packet as it left translated.</summary>
    [Test]
    public void An_error_about_such_a_packet_that_left_comes_back_to_its_source([Values] bool isIPv4, [Values(47, 50, 132, 253)] int protocol)
    {
        using var lab = new NatLab(static options => options with { Untranslatable = UntranslatableProtocols.TranslateAddress });
        lab.Masquerade.Apply(NatLab.Rules());
        using var beyond = new Beyond(lab);
        using var errors = Open(lab.Pod, isIPv4 ? 1 : 58, isIPv4 ? NatLab.Pod4 : NatLab.Pod6);
        using var caller = Open(lab.Pod, protocol, isIPv4 ? NatLab.Pod4 : NatLab.Pod6);
        caller.Ttl = 2;
        _ = caller.SendTo(new byte[64], new IPEndPoint(isIPv4 ? Beyond.Address4 : Beyond.Address6, 0));
        var quoted = TakeQuoted(errors, isIPv4, isIPv4 ? (byte)11 : (byte)3);
        Assert.That(quoted[isIPv4 ? 9 : 6], Is.EqualTo(protocol));
        Assert.That(new IPAddress(isIPv4 ? quoted.AsSpan(12, 4) : quoted.AsSpan(8, 16)), Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        Assert.That(quoted[(isIPv4 ? 20 : 40)..], Has.All.Zero, "what is behind the header is left as it was");
    }

    /// <summary>A source that does not know the protocol of an answer says so; the error quotes the answer as it came to the source.</summary>
    [Test]
    public void An_error_about_such_a_packet_that_came_in_finds_its_way_out([Values] bool isIPv4)
    {
        const int Experimental = 253;
        using var lab = new NatLab(static options => options with { Untranslatable = UntranslatableProtocols.TranslateAddress });
        lab.Masquerade.Apply(NatLab.Rules());
        using var errors = Open(lab.Router, isIPv4 ? 1 : 58, isIPv4 ? NatLab.Outside4 : NatLab.Outside6);
        using var callee = Open(lab.Router, Experimental, isIPv4 ? NatLab.Outside4 : NatLab.Outside6);
        using (var caller = Open(lab.Pod, Experimental, isIPv4 ? NatLab.Pod4 : NatLab.Pod6))
            _ = caller.SendTo(new byte[64], new IPEndPoint(isIPv4 ? NatLab.Outside4 : NatLab.Outside6, 0));
        _ = callee.SendTo(new byte[64], new IPEndPoint(isIPv4 ? NatLab.Node4 : NatLab.Node6, 0));
        var quoted = TakeQuoted(errors, isIPv4, isIPv4 ? (byte)3 : (byte)4); // protocol unreachable, unknown next header
        Assert.That(new IPAddress(isIPv4 ? quoted.AsSpan(16, 4) : quoted.AsSpan(24, 16)), Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    // The packet that an error quotes, whose headers' sums are right: the kernel gives sockets no error of IPv6 whose sum is wrong.
    private static byte[] TakeQuoted(Socket errors, bool isIPv4, byte type)
    {
        var buffer = new byte[1024];
        while (true)
        {
            EndPoint from = new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
            var length = errors.ReceiveFrom(buffer, ref from);
            var error = buffer.AsSpan(isIPv4 ? 20 : 0, length - (isIPv4 ? 20 : 0));
            if (error[0] != type)
                continue;
            if (isIPv4)
            {
                Assert.That(IcmpTests.Sum(error), Is.EqualTo(0xffff), "the checksum of the error");
                Assert.That(IcmpTests.Sum(error.Slice(8, 20)), Is.EqualTo(0xffff), "the checksum of the quoted header");
            }

            return error[8..].ToArray();
        }
    }

    // The classes of .NET know few protocols by number, but take a descriptor of any.
    internal static Socket Open(NetworkNamespace network, int protocol, IPAddress address) => network.Run(() =>
    {
        const int Inet = 2;
        const int Inet6 = 10;
        const int Raw = 3;
        var family = address.AddressFamily is AddressFamily.InterNetwork ? Inet : Inet6;
        var opened = new Socket(new SafeSocketHandle(socket(family, Raw, protocol), ownsHandle: true)) { ReceiveTimeout = Patience };
        opened.Bind(new IPEndPoint(address, 0));
        return opened;
    });

    [LibraryImport("libc")]
    private static partial int socket(int domain, int type, int protocol);
}
