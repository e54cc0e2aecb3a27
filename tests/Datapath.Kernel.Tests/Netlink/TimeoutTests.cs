using System.Diagnostics;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class TimeoutTests
{
    [Test]
    public void An_answer_that_never_comes_is_an_error_and_the_socket_can_be_used_again()
    {
        using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE, TimeSpan.FromMilliseconds(50));
        var start = Stopwatch.GetTimestamp();

        // The kernel passes a message of this type over, and answers nothing to one that does not ask for an acknowledgement.
        var silent = new Ignore();
        var ack = socket.Scan(new NetlinkWriter(stackalloc byte[64], Nl.NLMSG_NOOP), ref silent);
        Assert.That(ack.Errno, Is.EqualTo(Errno.ETIMEDOUT));
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromMilliseconds(30)).And.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(() => NetlinkException.ThrowIfFailed(ack, $"ask"), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo("ask: ETIMEDOUT (the kernel did not answer; whether the change was made is not known)"));

        var request = new NetlinkWriter(stackalloc byte[64], Rtnl.RTM_GETLINK);
        request.Add(new IfInfoMsg { Index = 1 });
        Assert.That(socket.Execute(ref request).Errno, Is.EqualTo(Errno.None));
    }

    private struct Ignore : INetlinkMessageVisitor
    {
        public readonly void Visit(NetlinkMessage message)
        {
        }
    }
}
