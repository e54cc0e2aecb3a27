using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Reconciliation;

internal sealed class HostTests
{
    [Test]
    public async Task Sources_flow_into_the_engine_when_all_have_told_their_initial_list()
    {
        var (first, second) = (new FakeSource(), new FakeSource());
        await using var lab = new HostLab(first, second);
        await lab.Host.StartAsync();
        first.Tell(Objects.Service("a", 1));
        second.Tell(Objects.Service("a", 9), Objects.Service("b", 2));
        var now = await lab.SyncedAsync();
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a,b" }));
        Assert.That(now.State.Services[Objects.Name("a")].Frontends[0].Address.ToString(), Is.EqualTo("10.96.0.2:80/TCP"), "the first has its way");
        second.Tell(ObjectBatch.Delete(Objects.Key("b")));
        _ = await lab.Monitor.WaitForAsync(static s => s.Generation == 2, Deadline.Token);
        Assert.That(lab.Datapath.Calls[^1], Is.EqualTo("apply -b"));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { "Not in force of the source of objects FakeSource no. 2, because the source of objects FakeSource no. 1 has it too, and goes first: Service default/a" }));
    }

    [Test]
    public async Task A_source_that_ends_has_said_all_and_the_others_go_on()
    {
        var (first, second) = (new FakeSource(), new FakeSource());
        await using var lab = new HostLab(first, second);
        await lab.Host.StartAsync();
        first.Tell(Objects.Service("a", 1));
        first.End();
        second.Tell();
        _ = await lab.SyncedAsync();
        second.Tell(Objects.Service("b", 2));
        _ = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 2, Deadline.Token);
    }

    [Test]
    public async Task A_folder_of_manifests_is_a_source()
    {
        using var temp = new TempFolder();
        temp.Write("a.yaml", Objects.Manifest("a", 1));
        temp.Write("b.yaml", Objects.Manifest("b", 2, port: 70000));
        await using var lab = new HostLab(builder => builder.AddManifestFolder(temp.Path));
        await lab.Host.StartAsync();
        _ = await lab.SyncedAsync();
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "apply +a" }));
        Assert.That(lab.Monitor.Diagnostics.Single().Field, Is.EqualTo("spec.ports[0].port"));
        Assert.That(lab.Log.At(LogLevel.Error).Single(), Does.StartWith("Refused: ").And.Contains("b.yaml:").And.Contains("spec.ports[0].port: '70000' must be"));
        temp.Write("b.yaml", Objects.Manifest("b", 2));
        _ = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 2, Deadline.Token);
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "apply +a", "replace a,b" }));
        Assert.That(lab.Monitor.Diagnostics, Is.Empty);
    }

    [Test]
    public async Task A_burst_that_comes_while_the_engine_is_busy_is_one_step()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        using var isBusy = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        lab.Datapath.OnCall = () =>
        {
            isBusy.Release();
            goOn.Wait(Deadline.Token);
        };
        await lab.Host.StartAsync();
        source.Tell();
        await isBusy.WaitAsync(Deadline.Token);
        for (var i = 0; i < 50; i++)
            source.Tell(Objects.Service($"s{i:00}", i));
        await Task.Delay(100); // for the pump; without it there may be more steps, but not a wrong one
        goOn.Release(100);
        var now = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 50, Deadline.Token);
        Assert.That(now.Generation, Is.LessThan(10));
    }

    [Test]
    public async Task A_refusal_is_told_once_and_tried_again_by_the_clock()
    {
        var time = new FakeTimeProvider();
        var source = new FakeSource();
        await using var lab = new HostLab(builder => builder.AddSource(_ => source), time);
        lab.Datapath.Refused["a"] = ("no slots left", IsTransient: true);
        await lab.Host.StartAsync();
        source.Tell(Objects.Service("a", 1));
        _ = await lab.SyncedAsync();
        Assert.That(
            await lab.HealthAsync(),
            Is.EqualTo((HealthStatus.Degraded, "1 frontend not applied; the first: service default/a, 10.96.0.2:80/TCP: no slots left")));
        foreach (var delay in new[] { 100, 200, 400 })
        {
            await Deadline.UntilAsync(() => time.Waiting == 2, "the next try is planned, and the next look for faults");
            var tries = lab.Datapath.Calls.Length;
            time.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.That(lab.Datapath.Calls, Has.Length.EqualTo(tries), "not yet");
            if (delay == 400)
                lab.Datapath.Refused.Clear();
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Deadline.UntilAsync(() => lab.Datapath.Calls.Length == tries + 1, "now");
        }

        _ = await lab.Monitor.WaitForAsync(static s => s.Failures.IsEmpty, Deadline.Token);
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Healthy, "1 service")));
        Assert.That(
            lab.Log.Bad.Where(static l => l.StartsWith("Not applied", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "Not applied: service default/a, frontend 10.96.0.2:80/TCP: no slots left" }));
    }

    [Test]
    public async Task Health_is_bad_until_the_first_sync_and_names_who_has_not_told_its_list()
    {
        var (source, addresses) = (new FakeSource(), new FakeNodeAddresses(isKnown: false));
        await using var lab = new HostLab(builder => builder.AddSource(_ => source).AddClient(), addresses: addresses);
        Assert.That(await lab.HealthAsync(), Is.EqualTo(Awaiting("the source of objects FakeSource, the source of objects DatapathObjects")), "nothing has begun");
        await lab.Host.StartAsync();
        await UntilAsync("the source of objects FakeSource, the watch of the node's addresses");
        addresses.Tell();
        await UntilAsync("the source of objects FakeSource");
        source.Tell();
        _ = await lab.SyncedAsync();
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Healthy, "0 services")));
        Assert.That(lab.Monitor.Awaited, Is.Empty);

        async Task UntilAsync(string names)
        {
            await Deadline.UntilAsync(() => string.Join(", ", lab.Monitor.Awaited) == names, names);
            Assert.That(await lab.HealthAsync(), Is.EqualTo(Awaiting(names)));
        }

        static (HealthStatus, string?) Awaiting(string names) => (HealthStatus.Unhealthy, $"the sources have not told their initial lists yet: {names}");
    }

    [Test]
    public async Task A_source_that_fails_stops_the_host_with_its_reason()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        var stopping = lab.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await lab.Host.StartAsync();
        var waiting = lab.SyncedAsync();
        source.Fail(new InvalidDataException("the list is garbled"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
        Assert.That(error!.Message, Is.EqualTo("the datapath has ended: the source of objects FakeSource gave up: the list is garbled"));
        await Deadline.UntilAsync(() => stopping.IsCancellationRequested, "the host stops");
        Assert.That(lab.Log.At(LogLevel.Error), Has.Some.Contains("the source of objects FakeSource gave up: the list is garbled"));
        Assert.That(lab.Monitor.EndReason!.InnerException, Is.TypeOf<InvalidDataException>());
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Unhealthy, "the datapath has ended: the source of objects FakeSource gave up: the list is garbled")));
        Assert.That(lab.Datapath.Calls, Is.Empty);
    }

    [Test]
    public async Task What_a_source_told_before_it_failed_is_applied()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        source.Tell(Objects.Service("a", 1));
        source.Fail(new InvalidDataException("the list is garbled"));
        await lab.Host.StartAsync();
        await Deadline.UntilAsync(() => lab.Monitor.EndReason is not null, "it ends");
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a" }));
    }

    [Test]
    public async Task An_engine_that_throws_stops_the_host_with_its_reason()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        lab.Datapath.OnCall = static () => throw new IOException("the kernel has gone");
        await lab.Host.StartAsync();
        source.Tell();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(lab.SyncedAsync);
        Assert.That(error!.Message, Is.EqualTo("the datapath has ended: the kernel has gone"));
        Assert.That(lab.Monitor.Current.IsSynced, Is.False);
    }

    [Test]
    public async Task An_engine_that_cannot_be_opened_fails_the_start_with_its_reason()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath>(static _ => throw new IOException("needs root"));
        builder.Services.AddDatapath();
        using var host = builder.Build();
        Assert.That((await Assert.ThrowsAsync<IOException>(() => host.StartAsync()))!.Message, Is.EqualTo("needs root"));
    }

    [Test]
    public async Task A_folder_that_is_missing_fails_the_start_before_the_engine_is_opened()
    {
        var isOpened = false;
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath>(_ =>
        {
            isOpened = true;
            return new FakeDatapath();
        });
        builder.Services.AddDatapath().AddManifestFolder("/nowhere");
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => host.StartAsync());
        Assert.That(error!.Message, Is.EqualTo("the folder of manifests '/nowhere' does not exist"));
        Assert.That(isOpened, Is.False);
    }

    [Test]
    public async Task A_stop_is_quick_and_says_nothing_bad()
    {
        using var temp = new TempFolder();
        temp.Write("a.yaml", Objects.Manifest("a", 1));
        var source = new FakeSource();
        source.Tell();
        await using var lab = new HostLab(builder => builder.AddManifestFolder(temp.Path).AddSource(_ => source));
        await lab.Host.StartAsync();
        _ = await lab.SyncedAsync();
        var start = Stopwatch.GetTimestamp();
        await lab.Host.StopAsync();
        Assert.That(Stopwatch.GetElapsedTime(start).TotalSeconds, Is.LessThan(2));
        Assert.That(lab.Log.Bad, Is.Empty);
        Assert.That(lab.Datapath.IsDisposed, Is.False, "the host disposes it, after all services have stopped");
        lab.Host.Dispose();
        Assert.That(lab.Datapath.IsDisposed);
    }

    [Test]
    public async Task The_engine_outlives_the_loop_even_if_the_start_of_the_host_fails()
    {
        var source = new FakeSource();
        using var isBusy = new SemaphoreSlim(0);
        var lab = new HostLab(builder =>
        {
            builder.AddSource(_ => source);
            builder.Services.AddHostedService(_ => new FailingService(isBusy));
        });
        var wasDisposedInside = false;
        lab.Datapath.OnCall = () =>
        {
            isBusy.Release();
            Thread.Sleep(200);
            wasDisposedInside = lab.Datapath.IsDisposed;
        };
        source.Tell();
        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.Host.StartAsync());
        lab.Host.Dispose();
        Assert.That((lab.Datapath.IsDisposed, wasDisposedInside), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_wait_can_be_given_up_and_a_wait_for_what_is_does_not_wait()
    {
        await using var lab = new HostLab(new FakeSource());
        await lab.Host.StartAsync();
        using var stop = new CancellationTokenSource();
        var waiting = lab.Monitor.WaitForAsync(static s => s.IsSynced, stop.Token);
        Assert.That(lab.Monitor.WaitForAsync(static s => !s.IsSynced, stop.Token).IsCompletedSuccessfully);
        await stop.CancelAsync();
        await Assert.ThatAsync(() => waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_source_that_throws_at_once_stops_the_host_too()
    {
        await using var lab = new HostLab(new ThrowingSource());
        await lab.Host.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(lab.SyncedAsync);
        Assert.That(error!.Message, Is.EqualTo("the datapath has ended: the source of objects ThrowingSource gave up: no credentials"));
    }

    private sealed class FailingService(SemaphoreSlim when) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await when.WaitAsync(cancellationToken);
            throw new InvalidOperationException("it cannot start");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ThrowingSource : IObjectSource
    {
        public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield return ThrowNow();
        }

        private static ObjectBatch ThrowNow() => throw new InvalidOperationException("no credentials");
    }
}
