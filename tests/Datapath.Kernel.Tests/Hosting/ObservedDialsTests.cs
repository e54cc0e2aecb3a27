using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>Who listens to the dials of a host hears them, and of its end.</summary>
[LoadTest]
internal sealed class ObservedDialsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_listener_hears_dials_and_is_told_when_the_host_ends()
    {
        using var cgroup = new TestCgroup();
        using var pins = new TestPins();
        var options = new DatapathOptions { CgroupRoot = cgroup.Cgroup.Path, BpfRoot = pins.Path, Lifetime = DatapathLifetime.Process, MaxFrontends = 64, MaxSlots = 1024, MaxStickyClients = 64 };
        var heard = new TaskCompletionSource();
        Task listener;
        await using (var host = await DatapathHost.StartAsync(options))
        {
            listener = ListenAsync(host.Client);
            _ = await host.Client.UpsertServiceAsync(new Datapath.Policy.ServiceBuilder("default", "web").ClusterIP("10.96.0.1").Port(80, 8080));
            var dials = Task.Run(() =>
            {
                while (!heard.Task.IsCompleted)
                    _ = Dial.Tcp(ServiceLab.ServiceV4());
            });
            await heard.Task.WaitAsync(s_patience);
            await dials;
            Assert.That(listener.IsCompleted, Is.False);
        }

        Assert.That(async () => await listener.WaitAsync(s_patience), Throws.TypeOf<ObjectDisposedException>().With.Message.StartsWith("the datapath has ended"));

        async Task ListenAsync(DatapathClient client)
        {
            await foreach (var dial in client.ObserveDialsAsync())
                heard.TrySetResult();
        }
    }
}
