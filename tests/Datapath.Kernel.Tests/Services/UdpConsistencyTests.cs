using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>When a service is scaled, only as many UDP senders change their backend as balance asks for.</summary>
[TestFixture]
[LoadTest]
internal sealed class UdpConsistencyTests
{
    private const int Sockets = 600;
    private const int Servers = 6;
    private ServiceLab _lab = null!;
    private RawSocket[] _sockets = [];

    [OneTimeSetUp]
    public void StartLab() => _lab = new(Servers);

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    [SetUp]
    public void OpenSockets() => _sockets = _lab.Pods[1].Run(static () =>
        Enumerable.Range(0, Sockets).Select(static _ => new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram)).ToArray());

    [TearDown]
    public void CloseSockets()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    [Test]
    public void A_backend_that_comes_takes_its_share_and_nobody_else_moves([Values(2, 4, 5)] int backends, [Values] bool isConnected)
    {
        var before = Owners(backends, isConnected);
        var after = Owners(backends + 1, isConnected);
        var newcomer = $"pod{backends + 2}";
        Assert.That(Enumerable.Range(0, Sockets).Where(i => after[i] != before[i] && after[i] != newcomer), Is.Empty);
        AssertIsShare(after.Count(o => o == newcomer), backends + 1);
    }

    [Test]
    public void Of_a_backend_that_goes_the_senders_move_and_nobody_else([Values(3, 5, 6)] int backends, [Values] bool isConnected)
    {
        var before = Owners(backends, isConnected);
        var after = Owners(backends - 1, isConnected);
        var gone = $"pod{backends + 1}";
        Assert.That(after, Has.None.EqualTo(gone));
        Assert.That(Enumerable.Range(0, Sockets).Where(i => after[i] != before[i] && before[i] != gone), Is.Empty);
        AssertIsShare(before.Count(o => o == gone), backends);
    }

    [Test]
    public void Senders_spread_evenly()
    {
        foreach (var owners in Owners(5, isConnected: false).GroupBy(static o => o))
            AssertIsShare(owners.Count(), 5);
    }

    [Test]
    public void A_sender_stays_while_other_services_change()
    {
        var before = Owners(4, isConnected: false);
        for (var i = 10; i < 30; i++)
            _ = _lab.Apply(ServiceLab.Service(i, 2, 3));
        Assert.That(Owners(4, isConnected: false), Is.EqualTo(before));
        _ = _lab.Remove([.. Enumerable.Range(10, 20)]);
    }

    // Sockets are numbered by the kernel and the numbers are mixed, so a share has the spread of a random draw: six times it, and a slot.
    private static void AssertIsShare(int count, int backends)
    {
        var mean = (double)Sockets / backends;
        var deviation = Math.Sqrt(mean * (1 - (1.0 / backends)));
        Assert.That(count, Is.InRange(mean - (6 * deviation) - 10, mean + (6 * deviation) + 10));
    }

    /// <summary>Scales the service to the first pods and lets every socket ask.</summary>
    private string[] Owners(int backends, bool isConnected) => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, [.. Enumerable.Range(2, backends)]));
        var name = SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        return _sockets.Select(socket =>
        {
            if (!isConnected)
                return Dial.AskAt(socket, ServiceLab.ServiceV4()).Answer.ToString();
            Assert.That(socket.Connect(name), Is.EqualTo(Errno.None));
            return Dial.Ask(socket).ToString();
        }).ToArray();
    });
}
