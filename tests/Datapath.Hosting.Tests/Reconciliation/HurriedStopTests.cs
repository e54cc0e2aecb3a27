using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>A host that waits for its stop for less long than <c>stopTimeout</c>.</summary>
internal sealed class HurriedStopTests
{
    [Test]
    public async Task When_the_host_has_waited_for_long_enough_its_end_does_not_wait_for_sources_either()
    {
        var lab = new HostLab(
            static builder =>
            {
                builder.AddSource(static _ => new DeafSource());
                builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
            },
            options: static options => options.StopTimeout = TimeSpan.FromMinutes(10));
        await lab.Host.StartAsync();
        _ = await lab.SyncedAsync();
        var watch = Stopwatch.StartNew();
        await lab.Host.StopAsync();
        await ((IAsyncDisposable)lab.Host).DisposeAsync().AsTask().WaitAsync(Deadline.Token);
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
        Assert.That(lab.Log.Bad, Has.One.Matches(@"^The stop went on without the source of objects DeafSource, which had not ended after 0(\.\d)? s$"));
        Assert.That(lab.Datapath.IsDisposed);
    }

    private sealed class DeafSource : IObjectSource
    {
        public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return ObjectBatch.Empty;
            await new TaskCompletionSource().Task;
        }
    }
}
