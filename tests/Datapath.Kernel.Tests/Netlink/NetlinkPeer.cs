using System.Runtime.InteropServices;
using Datapath.Linux;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Kernel.Tests.Netlink;

/// <summary>Plays the kernel at the other end of a netlink socket.</summary>
internal static unsafe partial class NetlinkPeer
{
    public static byte[] Answer(Errno errno, uint sequence)
    {
        var answer = Message(Nl.NLMSG_ERROR, sequence, payload: sizeof(int));
        MemoryMarshal.Write(answer.AsSpan(sizeof(NlMsgHdr)), -(int)errno);
        return answer;
    }

    public static byte[] Message(ushort type, uint sequence, int payload = 0)
    {
        var message = new byte[sizeof(NlMsgHdr) + payload];
        MemoryMarshal.Write(message, new NlMsgHdr { Length = (uint)message.Length, Type = type, Sequence = sequence });
        return message;
    }

    public static void Send(SafeFileHandle socket, byte[] datagram)
    {
        fixed (byte* data = datagram)
            Assert.That(Libc.send(socket, data, (nuint)datagram.Length, 0), Is.EqualTo((nint)datagram.Length));
    }

    public static (SafeFileHandle Ours, SafeFileHandle Theirs) MakePair()
    {
        var pair = stackalloc int[2];
        Assert.That(socketpair(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0, pair), Is.Zero);
        return (new(pair[0], ownsHandle: true), new(pair[1], ownsHandle: true));
    }

    [LibraryImport("libc")]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);
}
