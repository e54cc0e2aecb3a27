using System.Net.Sockets;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>What the objects of a release pinned goes on by those of today, and nobody who dials or talks notices.</summary>
[TestFixtureSource(typeof(Releases), nameof(Releases.All))]
internal sealed class ServiceUpgradeTests(string release)
{
    private UpgradeLab _lab = null!;

    [SetUp]
    public void StartRelease() => _lab = new(ReleasedObjects.ServicesOf(release));

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static IEnumerable<object[]> Dials() => from row in Enum.GetValues<SocketRow>()
                                                    from use in Enum.GetValues<SocketUse>()
                                                    where Dial.IsPossible(row, use)
                                                    select new object[] { row, use };

    [Test]
    public void Everything_is_there_and_nothing_is_written_anew()
    {
        var before = _lab.Held();
        _lab.Upgrade();
        Assert.That(_lab.Held(), Is.EqualTo(before));
        var result = _lab.Services.Datapath.Replace(UpgradeLab.State);
        Assert.That((result.FrontendsWritten, result.FrontendsRemoved, result.Failures.Length), Is.EqualTo((0, 0, 0)));
        Assert.That(_lab.Held(), Is.EqualTo(before));
        _lab.AssertVerified(UpgradeLab.State);
        _lab.AssertServes();
    }

    [Test]
    public void Identifiers_go_on()
    {
        var highest = _lab.Services.Datapath.Read().Max(static f => f.Id);
        _ = _lab.Services.Remove(1);
        _lab.Upgrade();
        _ = _lab.Services.Apply(ServiceLab.Service(1, UpgradeLab.Local));
        Assert.That(_lab.Services.Frontend(1).Id, Is.GreaterThan(highest), "not that of a service which is gone: sockets may still know it");
    }

    [Test]
    public void Dials_work_at_each_moment_there_and_back()
    {
        using var dialers = _lab.DialOn();
        for (var i = 0; i < 3; i++)
        {
            UpgradeLab.AssertGoOn(dialers);
            _lab.Upgrade();
            UpgradeLab.AssertGoOn(dialers);
            Assert.That(_lab.Services.Datapath.Replace(UpgradeLab.State).Failures, Is.Empty);
            _lab.Upgrade(ReleasedObjects.ServicesOf(release));
        }

        UpgradeLab.AssertAllReached(dialers);
    }

    [TestCaseSource(nameof(Dials))]
    public void A_socket_of_before_is_told_its_service_and_gets_its_answers(SocketRow row, SocketUse use)
    {
        var (v4, v6) = (ServiceLab.ServiceV4(3), ServiceLab.ServiceV6(3));
        var service = row.Seen(v4, v6, ServiceLab.ServicePort).ToString();
        using var socket = _lab.Services.Pods[UpgradeLab.Client].Run(() =>
        {
            var made = row.Open(use is SocketUse.Tcp ? SocketType.Stream : SocketType.Dgram);
            var name = row.Name(v4, v6, ServiceLab.ServicePort);
            Assert.That(use is SocketUse.Datagram ? made.SendTo("who"u8, name) : made.Connect(name), Is.EqualTo(Errno.None));
            return made;
        });
        if (use is not SocketUse.Datagram)
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(service));
        _lab.Upgrade();
        if (use is SocketUse.ConnectedUdp)
            Assert.That(socket.Send("who"u8), Is.EqualTo(Errno.None));
        var (errno, data, from) = socket.ReceiveFrom(); // but for connected UDP it has waited for that
        Assert.That((errno, Encoding.ASCII.GetString(data)), Is.EqualTo((Errno.None, "pod2")));
        Assert.That(use is SocketUse.Datagram ? from.ToString() : socket.PeerName().ToString(), Is.EqualTo(service));
    }

    [Test]
    public void Connections_exchange_what_they_should_through_it()
    {
        using var talks = new Talks(
        [
            .. from protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp }
               from isIPv4 in new[] { true, false }
               select _lab.TalkTo(UpgradeLab.Local, protocol, isIPv4),
        ]);
        talks.AssertGoOn();
        _lab.Upgrade();
        talks.AssertGoOn();
        Assert.That(_lab.Services.Datapath.Replace(UpgradeLab.State).Failures, Is.Empty);
        talks.AssertGoOn();
    }

    [Test]
    public void Sticky_clients_stay_with_their_backends([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] bool isIPv4)
    {
        var use = protocol is L4Protocol.Tcp ? SocketUse.Tcp : SocketUse.ConnectedUdp;
        var row = isIPv4 ? SocketRow.Ipv4Socket : SocketRow.Ipv6Socket;
        var before = Answer();
        _lab.Upgrade();
        Assert.That(Enumerable.Range(0, 32).Select(_ => Answer()), Is.All.EqualTo(before));

        string Answer() => _lab.Ask(UpgradeLab.Client, row, use, 2).Pod;
    }

    [Test]
    public void Sockets_whose_backend_left_while_nobody_managed_are_ended()
    {
        using var tcp4 = _lab.TalkTo(UpgradeLab.Local, ProtocolType.Tcp, isIPv4: true);
        using var tcp6 = _lab.TalkTo(UpgradeLab.Local, ProtocolType.Tcp, isIPv4: false);
        using var udp4 = _lab.TalkTo(UpgradeLab.Local, ProtocolType.Udp, isIPv4: true);
        using var udp6 = _lab.TalkTo(UpgradeLab.Local, ProtocolType.Udp, isIPv4: false);
        Talk[] talks = [tcp4, tcp6, udp4, udp6];
        _lab.Upgrade();
        foreach (var talk in talks)
            talk.Exchange();
        using var scans = new ScanLog(_lab.Services.Datapath);
        Assert.That(_lab.Services.Datapath.Replace(UpgradeLab.StateWith(talksTo: UpgradeLab.Original)).Failures, Is.Empty);
        for (var ended = 0; ended < talks.Length;)
        {
            var scan = scans.Next();
            ended += scan.Udp + scan.Tcp;
        }

        foreach (var talk in talks)
            Assert.That(() => talk.Exchange(), Throws.InstanceOf<SocketException>());
        _lab.AssertVerified(UpgradeLab.StateWith(talksTo: UpgradeLab.Original));
    }
}
