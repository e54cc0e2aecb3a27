using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What a socket dialed is kept at a place that it may have to share the table with; nobody may notice.</summary>
[TestFixture]
[LoadTest]
internal sealed class PlaceTests
{
    /// <summary>With 131,072 places some 750 of so many sockets find theirs taken, and keep their peer in socket storage instead.</summary>
    private const int Crowd = 14_000;

    [Test]
    [LoadTest]
    public void However_many_sockets_live_each_is_told_the_service([Values] bool isIPv6)
    {
        using var lab = new ServiceLab();
        _ = lab.Apply(ServiceLab.Service(1, 2, 3));
        var service = SocketName.Of(isIPv6 ? ServiceLab.ServiceV6() : ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        lab.Pods[1].Run(() =>
        {
            var sockets = new List<RawSocket>(Crowd);
            try
            {
                for (var i = 0; i < Crowd; i++)
                {
                    sockets.Add(Open(isIPv6));
                    Assert.That(sockets[^1].Connect(service), Is.EqualTo(Errno.None));
                }

                foreach (var socket in sockets)
                {
                    Assert.That(socket.PeerName().ToString(), Is.EqualTo(service.ToString()));
                    Assert.That(socket.Send("who"u8), Is.EqualTo(Errno.None));
                    Assert.That(socket.ReceiveFrom().From.ToString(), Is.EqualTo(service.ToString()));
                }
            }
            finally
            {
                foreach (var socket in sockets)
                    socket.Dispose();
            }
        });
    }

    [Test]
    public void A_socket_never_takes_over_what_a_dead_one_dialed_from_the_same_place([Values] bool isIPv6)
    {
        using var lab = new ServiceLab(servers: 1);
        _ = lab.Apply(ServiceLab.Service(1, 2));
        var service = SocketName.Of(isIPv6 ? ServiceLab.ServiceV6() : ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        var backend = SocketName.Of(isIPv6 ? PodNetwork.V6(2) : PodNetwork.V4(2), ServiceLab.BackendPort);
        lab.Pods[1].Run(() =>
        {
            // The kernel gives the memory of a closed socket to one of the next: most of these pairs have one address.
            for (var i = 0; i < 2_000; i++)
            {
                using (var first = Open(isIPv6))
                    Assert.That(first.Connect(service), Is.EqualTo(Errno.None));
                using var second = Open(isIPv6);
                Assert.That(second.SendTo("who"u8, backend), Is.EqualTo(Errno.None));
                Assert.That(second.ReceiveFrom().From.ToString(), Is.EqualTo(backend.ToString()));
            }
        });
    }

    private static RawSocket Open(bool isIPv6) => new(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram);
}
