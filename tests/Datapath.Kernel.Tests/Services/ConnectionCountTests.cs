using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Sockets are counted where a service led them: in network namespaces that have a name, and in those that only this process has open.</summary>
[TestFixture(true)]
[TestFixture(false)]
internal sealed class ConnectionCountTests(bool havePodsNames)
{
    [Test]
    public async Task Connected_sockets_of_both_protocols_and_families_are_counted_until_they_are_closed()
    {
        using var lab = new ServiceLab(servers: 3, static options => options, havePodsNames);
        _ = lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 3));
        Assert.That(await lab.Datapath.CountConnectionsAsync(), Is.Empty);
        var sockets = lab.Pods[1].Run(static () => new[]
        {
            Connect(SocketType.Stream, ServiceLab.ServiceV4(1)),
            Connect(SocketType.Stream, ServiceLab.ServiceV4(1)),
            Connect(SocketType.Stream, ServiceLab.ServiceV6(2)),
            Connect(SocketType.Dgram, ServiceLab.ServiceV6(1)),
            Connect(SocketType.Dgram, PodNetwork.V4(2), ServiceLab.BackendPort), // led by nobody
        });
        Assert.That(await lab.Datapath.CountConnectionsAsync(), Is.EquivalentTo(new[]
        {
            new BackendConnections(ServiceLab.Name(1), Backend(PodNetwork.V4(2), L4Protocol.Tcp), 2),
            new BackendConnections(ServiceLab.Name(1), Backend(PodNetwork.V6(2), L4Protocol.Udp), 1),
            new BackendConnections(ServiceLab.Name(2), Backend(PodNetwork.V6(3), L4Protocol.Tcp), 1),
        }));
        foreach (var socket in sockets)
            socket.Dispose();
        Assert.That(await lab.Datapath.CountConnectionsAsync(), Is.Empty);
    }

    private static L4Address Backend(IPAddress address, L4Protocol protocol) => new(address, ServiceLab.BackendPort, protocol);

    private static RawSocket Connect(SocketType type, IPAddress address, int port = ServiceLab.ServicePort)
    {
        var socket = new RawSocket(address.AddressFamily, type);
        if (type is SocketType.Stream)
            socket.ResetOnClose();
        Assert.That(socket.Connect(SocketName.Of(address, port)), Is.EqualTo(Errno.None));
        return socket;
    }
}
