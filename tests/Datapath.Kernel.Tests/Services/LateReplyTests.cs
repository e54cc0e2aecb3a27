using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What a UDP socket is told of a peer whose service has changed since it was dialed.</summary>
[TestFixture]
internal sealed class LateReplyTests
{
    private const string Service = "10.96.0.1:80";
    private const string Backend = "10.244.0.2:8080";

    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _ = _lab.Apply(ServiceLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void While_the_service_has_no_backends_replies_keep_its_address() => AssertPeerAfter(() => _lab.Apply(ServiceLab.Service(1)), Service);

    [Test]
    public void While_the_service_has_other_backends_replies_keep_its_address() => AssertPeerAfter(() => _lab.Apply(ServiceLab.Service(1, 3)), Service);

    [Test]
    public void After_the_service_is_gone_replies_show_the_backend() => AssertPeerAfter(() => _lab.Remove(1), Backend);

    [Test]
    public void After_the_service_was_made_anew_replies_of_the_old_one_show_the_backend() => AssertPeerAfter(
        () =>
        {
            _ = _lab.Remove(1);
            _ = _lab.Apply(ServiceLab.Service(1, 2));
        },
        Backend);

    [Test]
    public void After_the_address_passed_to_another_service_replies_of_the_old_one_show_the_backend([Values] bool takerFirst) => AssertPeerAfter(
        () =>
        {
            var taker = ServiceLab.Service(1, 2) with { Name = ServiceLab.Name(9) };
            var giver = new DesiredService(ServiceLab.Name(1), []);
            _ = _lab.Apply(takerFirst ? [taker, giver] : [giver, taker]);
        },
        Backend);

    // The socket asks, the service changes, and only then is the answer read: its source is mapped by the service of now.
    private void AssertPeerAfter(Action change, string expected) => _lab.Pods[1].Run(() =>
    {
        using var connected = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        using var unconnected = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        var name = SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        Assert.That(connected.Connect(name), Is.EqualTo(Errno.None));
        Assert.That(connected.Send("who"u8), Is.EqualTo(Errno.None));
        Assert.That(unconnected.SendTo("who"u8, name), Is.EqualTo(Errno.None));
        change();
        Assert.That(connected.ReceiveFrom().From.ToString(), Is.EqualTo(expected));
        Assert.That(connected.PeerName().ToString(), Is.EqualTo(expected));
        Assert.That(unconnected.ReceiveFrom().From.ToString(), Is.EqualTo(expected));
    });
}
