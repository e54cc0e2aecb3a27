using Datapath.Linux;
using Datapath.Linux.Netlink;
using static Datapath.Kernel.Tests.Netlink.NetlinkPeer;

namespace Datapath.Kernel.Tests.Netlink;

public unsafe class BrokenAnswerTests
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

    [Test]
    public void Of_a_batch_the_first_refusal_is_told_and_the_rest_is_read()
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var socket = new NetlinkSocket(ours);
            Send(theirs, Answer(Errno.EPERM, sequence: 99)); // to a request that was given up
            Send(theirs, Answer(Errno.ENOENT, sequence: 2));
            Send(theirs, Answer(Errno.EINVAL, sequence: 3));
            Send(theirs, Answer(Errno.None, sequence: 4));
            Assert.That(socket.ExecuteBatch(Batch(), out var refused).Errno, Is.EqualTo(Errno.ENOENT));
            Assert.That(refused, Is.EqualTo(1));

            byte next = 0;
            Assert.That(Libc.recvfrom(ours, &next, 1, Libc.MSG_DONTWAIT, null, null), Is.EqualTo((nint)(-1)));
        }
    }

    [Test]
    public void What_is_said_of_the_message_that_opens_a_batch_is_about_all_of_it()
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var socket = new NetlinkSocket(ours);
            Send(theirs, Answer(Errno.EPERM, sequence: 1));
            Assert.That(socket.ExecuteBatch(Batch(), out var refused).Errno, Is.EqualTo(Errno.EPERM));
            Assert.That(refused, Is.Zero);
        }
    }

    [Test]
    public void A_batch_is_numbered_and_asks_for_an_answer_to_its_last_change()
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var socket = new NetlinkSocket(ours);
            Send(theirs, Answer(Errno.None, sequence: 4));
            Assert.That(socket.ExecuteBatch(Batch(), out _).Errno, Is.EqualTo(Errno.None));
            var sent = new byte[1024];
            fixed (byte* data = sent)
                Assert.That(Libc.recvfrom(theirs, data, (nuint)sent.Length, 0, null, null), Is.EqualTo((nint)Batch().Length));
            var reader = new NetlinkMessageReader(sent.AsSpan(0, Batch().Length));
            var messages = new List<(uint Sequence, bool IsAcknowledged)>();
            while (reader.TryRead(out var message))
                messages.Add((message.Sequence, (message.Flags & Nl.NLM_F_ACK) != 0));
            Assert.That(messages, Is.EqualTo(new[] { (1u, false), (2u, false), (3u, false), (4u, true), (5u, false) }));
        }
    }

    // One message that opens, three changes, one that closes.
    private static byte[] Batch() => [.. Enumerable.Repeat(Message(Item, sequence: 0), 5).SelectMany(static message => message)];

    private static void Scan(NetlinkSocket socket)
    {
        var visitor = new Ignore();
        _ = socket.Scan(new NetlinkWriter(stackalloc byte[64], Item), ref visitor);
    }

    private struct Ignore : INetlinkMessageVisitor
    {
        public readonly void Visit(NetlinkMessage message)
        {
        }
    }
}
