using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Cgroups;

namespace Datapath.EbpfCounter;

/// <summary>Something to count: a cgroup of its own, with this process inside until it is disposed.</summary>
internal sealed class Demonstration : IDisposable
{
    private readonly Cgroup _before = Cgroup2.OpenCurrent();

    public Demonstration() => Cgroup = _before.CreateChild($"ebpf-counter-{Environment.ProcessId}");

    public Cgroup Cgroup { get; }

    public void Connect()
    {
        Cgroup.AddCurrentProcess();
        Connect(IPAddress.Loopback, 7, times: 3);
        Connect(IPAddress.Parse("127.0.0.2"), 53, times: 2);
    }

    public void Dispose()
    {
        _before.AddCurrentProcess();
        Cgroup.Delete();
    }

    // A datagram socket connects without sending anything.
    private static void Connect(IPAddress address, int port, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, port);
        }
    }
}
