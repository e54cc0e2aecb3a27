using Datapath.Kernel.Tests.Lab;

using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs at the netfilter hooks of a namespace of the test's own.</summary>
[TestFixture]
internal sealed class NetfilterLinkTests
{
    private const int Drop = 0;
    private const int Accept = 1;

    [Test]
    public void Dropping_packets_stops_them_until_the_link_is_disposed([Values(NetfilterHook.LocalIn, NetfilterHook.LocalOut)] NetfilterHook hook) => InNamespace(() =>
    {
        using var program = Program(Drop);
        Assert.That(Datagrams.Arrive(), Is.True);
        using (var link = NetfilterLink.Attach(program, Options(hook, -5)))
        {
            Assert.That(Datagrams.Arrive(), Is.False);
            Assert.That((link.Family, link.Hook, link.Priority), Is.EqualTo((NetfilterFamily.IPv4, hook, -5)));
            Assert.That(link.Info.Kind, Is.EqualTo(BpfLinkKind.Netfilter));
            Assert.That(link.Target, Is.EqualTo($"netfilter (IPv4, {hook}, priority -5)"));
        }

        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void The_packets_of_the_other_family_are_not_seen() => InNamespace(static () =>
    {
        using var program = Program(Drop);
        using var link = NetfilterLink.Attach(program, Options(NetfilterHook.LocalIn, 1) with { Family = NetfilterFamily.IPv6, Defragment = true });
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    [Test]
    public void A_place_is_for_one_program() => InNamespace(static () =>
    {
        using var program = Program(Accept);
        using var link = NetfilterLink.Attach(program, Options(NetfilterHook.LocalIn, 7));
        Assert.That(
            () => NetfilterLink.Attach(program, Options(NetfilterHook.LocalIn, 7)),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("attach program 'return_1' to netfilter (IPv4, LocalIn, priority 7): EBUSY (another program has this priority at the hook; each is for one)"));
    });

    [TestCase(int.MinValue, false, "the lowest and the highest priority are the kernel's own")]
    [TestCase(int.MaxValue, false, "the lowest and the highest priority are the kernel's own")]
    [TestCase(-400, true, "fragments are put together at priority -400; a program that is to see the whole comes behind")]
    public void A_place_that_cannot_be_is_told_why(int priority, bool defragment, string reason) => InNamespace(() =>
    {
        using var program = Program(Accept);
        Assert.That(
            () => NetfilterLink.Attach(program, Options(NetfilterHook.LocalIn, priority) with { Defragment = defragment }),
            Throws.TypeOf<BpfException>().With.Message.EndsWith($"ERANGE ({reason})"));
    });

    [Test]
    public void A_link_ends_by_detach_and_is_never_updated() => InNamespace(static () =>
    {
        using var program = Program(Drop);
        using var link = NetfilterLink.Attach(program, Options(NetfilterHook.LocalIn, 0));
        Assert.That(() => link.Update(program), Throws.TypeOf<NotSupportedException>());
        link.Detach();
        Assert.That(Datagrams.Arrive(), Is.True);
    });

    private static BpfProgram Program(int result) => TestPrograms.Return(result, ProgramType.Netfilter, AttachType.Netfilter);

    private static NetfilterLinkOptions Options(NetfilterHook hook, int priority) => new() { Family = NetfilterFamily.IPv4, Hook = hook, Priority = priority };

    private static void InNamespace(Action action)
    {
        using var network = NetworkNamespace.Create();
        network.Run(action);
    }
}
