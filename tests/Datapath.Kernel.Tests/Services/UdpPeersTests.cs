using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>One UDP socket and many services.</summary>
[TestFixture]
internal sealed class UdpPeersTests
{
    private const int Servers = 20;
    private ServiceLab _lab = null!;

    [OneTimeSetUp]
    public void StartLab()
    {
        _lab = new(Servers);
        for (var i = 1; i <= Servers; i++)
            _ = _lab.Apply(ServiceLab.Service(i, i + 1));
    }

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Each_answer_comes_from_the_service_that_was_asked([Values] bool isIpv6) => _lab.Pods[1].Run(() =>
    {
        using var socket = Open(isIpv6);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 1; i <= Servers; i++)
            {
                var (answer, from) = Dial.AskAt(socket, Service(i, isIpv6));
                Assert.That((answer.Pod, from), Is.EqualTo(($"pod{i + 1}", Text(i, isIpv6))));
            }
        }
    });

    // The socket keeps its first peer and the last sixteen others. Answers are read long after all were asked.
    [Test]
    public void Late_answers_of_the_first_and_the_last_sixteen_services_keep_their_addresses([Values] bool isIpv6) => _lab.Pods[1].Run(() =>
    {
        using var socket = Open(isIpv6);
        for (var i = 1; i <= Servers; i++)
            Assert.That(socket.SendTo("who"u8, SocketName.Of(Service(i, isIpv6), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        var from = new HashSet<string>();
        for (var i = 1; i <= Servers; i++)
        {
            var received = socket.ReceiveFrom();
            Assert.That(received.Errno, Is.EqualTo(Errno.None));
            _ = from.Add(received.From.ToString());
        }

        int[] kept = [1, .. Enumerable.Range(Servers - 15, 16)];
        int[] forgotten = [.. Enumerable.Range(2, Servers - 17)];
        Assert.That(from, Is.EquivalentTo(kept.Select(i => Text(i, isIpv6)).Concat(forgotten.Select(i => BackendText(i + 1, isIpv6)))));
    });

    [Test]
    public void Of_two_services_with_one_backend_the_answer_is_from_the_one_asked_last() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(30, 2), ServiceLab.Service(31, 2));
        using var socket = Open(isIpv6: false);
        foreach (var i in new[] { 30, 31, 31, 30, 1, 31 })
            Assert.That(Dial.AskAt(socket, Service(i, false)).From, Is.EqualTo(Text(i, false)));

        // Both asked before either answer is read: whichever came last names the backend.
        Assert.That(socket.SendTo("who"u8, SocketName.Of(Service(30, false), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(socket.SendTo("who"u8, SocketName.Of(Service(31, false), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(socket.ReceiveFrom().From.ToString(), Is.EqualTo(Text(31, false)));
        Assert.That(socket.ReceiveFrom().From.ToString(), Is.EqualTo(Text(31, false)));
        _ = _lab.Remove(30, 31);
    });

    [Test]
    public void A_socket_that_connects_anew_is_told_its_new_service() => _lab.Pods[1].Run(() =>
    {
        using var socket = Open(isIpv6: false);
        foreach (var i in new[] { 1, 2, 1, 3 })
        {
            Assert.That(socket.Connect(SocketName.Of(Service(i, false), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(Text(i, false)));
            Assert.That(Dial.Ask(socket).Pod, Is.EqualTo($"pod{i + 1}"));
        }
    });

    private static RawSocket Open(bool isIpv6) => new(isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram);

    private static System.Net.IPAddress Service(int number, bool isIpv6) => isIpv6 ? ServiceLab.ServiceV6(number) : ServiceLab.ServiceV4(number);

    private static string Text(int number, bool isIpv6) => SocketName.Of(Service(number, isIpv6), ServiceLab.ServicePort).ToString();

    private static string BackendText(int pod, bool isIpv6) =>
        SocketName.Of(isIpv6 ? PodNetwork.V6(pod) : PodNetwork.V4(pod), ServiceLab.BackendPort).ToString();
}
