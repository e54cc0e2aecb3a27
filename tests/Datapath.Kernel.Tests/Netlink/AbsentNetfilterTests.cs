using Datapath.Linux;
using Datapath.Linux.Netlink;
using static Datapath.Kernel.Tests.Netlink.NetlinkPeer;

namespace Datapath.Kernel.Tests.Netlink;

/// <summary>Where a kernel was built without nf_tables, there are no tables; every other refusal stays one.</summary>
public class AbsentNetfilterTests
{
    private const int NoFamily = 31; // the last number that a family may have

    [Test]
    public void A_kernel_without_nf_tables_has_no_tables() => WithAnswer(Errno.EINVAL, static tables => Assert.That(tables.ListTables(), Is.Empty));

    [TestCase(Errno.EPERM)]
    [TestCase(Errno.ENOMEM)]
    public void Another_refusal_to_list_tables_is_told(Errno errno) =>
        WithAnswer(errno, tables => Assert.That(tables.ListTables, Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(errno)));

    [Test]
    public void Of_a_table_that_was_asked_for_the_same_answer_is_an_error() =>
        WithAnswer(Errno.EINVAL, static tables => Assert.That(() => tables.ListChains("nat"), Throws.TypeOf<NetlinkException>()));

    [Test]
    public void A_family_that_the_kernel_does_not_know_gives_no_socket()
    {
        Assert.That(NetlinkSocket.OpenIfKnown(NoFamily, "test"), Is.Null);
        using var known = NetlinkSocket.OpenIfKnown(Nl.NETLINK_ROUTE, "test");
        Assert.That(known, Is.Not.Null);
    }

    private static void WithAnswer(Errno errno, Action<NftNetlink> use)
    {
        var (ours, theirs) = MakePair();
        using (theirs)
        {
            using var tables = new NftNetlink(new NetlinkSocket(ours));
            Send(theirs, Answer(errno, sequence: 1));
            use(tables);
        }
    }
}
