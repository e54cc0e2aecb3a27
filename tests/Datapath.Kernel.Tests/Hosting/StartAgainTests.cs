using System.Net;
using System.Net.Sockets;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>What a program that starts again does to the connections of its earlier run.</summary>
[TestFixture]
internal sealed class StartAgainTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2, static options => options with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true);
        _lab.Datapath.Dispose();
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static ServiceBuilder Web => new ServiceBuilder("default", "web").ClusterIP(ServiceLab.ServiceV4().ToString()).Port(ServiceLab.ServicePort, ServiceLab.BackendPort)
        .Backend(PodNetwork.V4(1).ToString());

    private Task<DatapathHost> StartAsync(params ServiceBuilder[] services) => DatapathHost.StartAsync(
        new DatapathOptions { CgroupRoot = _lab.CgroupPath, BpfRoot = _lab.Options.BpfRoot, MaxFrontends = 64, MaxSlots = 1024, MaxStickyClients = 64 },
        builder => builder.AddClient(services));

    [TestCase(false, Errno.ECONNABORTED)]
    [TestCase(true, Errno.None)]
    public async Task Connections_of_services_that_a_start_does_not_have_are_ended(bool isGiven, Errno expected)
    {
        // Pod 1 has no server of the lab's: one that takes connections and says nothing.
        using var server = _lab.Pods[1].Run(static () =>
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Any, ServiceLab.BackendPort));
            listener.Listen();
            return listener;
        });
        await using (var first = await StartAsync())
            _ = await first.Client.UpsertServiceAsync(Web);
        using var client = _lab.Pods[3].Run(static () => new RawSocket(AddressFamily.InterNetwork, SocketType.Stream));
        Assert.That(client.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None), "the service goes on without the program");
        await (await StartAsync(isGiven ? [Web] : [])).DisposeAsync(); // waits for the scan of the sockets
        Assert.That(client.Send("x"u8), Is.EqualTo(expected));
    }
}
