using System.Runtime.InteropServices;
using Datapath.Linux;
using Datapath.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Kernel.Tests.Netlink;

public unsafe partial class BrokenAnswerTests
{
    private const ushort Item = 100;

    [Test]
    public void The_rest_of_a_dump_is_read_after_a_broken_datagram()
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var socket = new NetlinkSocket(ours);
            Send(theirs, Message(Item, sequence: 1));
            Send(theirs, [1, 2, 3]);
            Send(theirs, Message(Item, sequence: 1));
            Send(theirs, Message(Nl.NLMSG_DONE, sequence: 1, payload: 4));
            Assert.That(() => Scan(socket), Throws.TypeOf<NetlinkFormatException>());

            byte next = 0;
            Assert.That(Libc.recvfrom(ours, &next, 1, Libc.MSG_DONTWAIT, null, null), Is.EqualTo((nint)(-1)), "nothing is left: the kernel would call the next dump busy");
        }
    }

    [Test]
    public void Nobody_waits_for_an_end_that_was_in_the_broken_datagram()
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var socket = new NetlinkSocket(ours);
            Send(theirs, [1, 2, 3]);
            Assert.That(() => Scan(socket), Throws.TypeOf<NetlinkFormatException>());
        }
    }

    private static void Scan(NetlinkSocket socket)
    {
        var visitor = new Ignore();
        _ = socket.Scan(new NetlinkWriter(stackalloc byte[64], Item), ref visitor);
    }

    private static byte[] Message(ushort type, uint sequence, int payload = 0)
    {
        var message = new byte[sizeof(NlMsgHdr) + payload];
        MemoryMarshal.Write(message, new NlMsgHdr { Length = (uint)message.Length, Type = type, Sequence = sequence });
        return message;
    }

    private static void Send(SafeFileHandle socket, byte[] datagram)
    {
        fixed (byte* data = datagram)
            Assert.That(Libc.send(socket, data, (nuint)datagram.Length, 0), Is.EqualTo((nint)datagram.Length));
    }

    private static (SafeFileHandle Ours, SafeFileHandle Theirs) MakePair()
    {
        var pair = stackalloc int[2];
        Assert.That(socketpair(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0, pair), Is.Zero);
        return (new(pair[0], ownsHandle: true), new(pair[1], ownsHandle: true));
    }

    [LibraryImport("libc")]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    private struct Ignore : INetlinkMessageVisitor
    {
        public readonly void Visit(NetlinkMessage message)
        {
        }
    }
}
