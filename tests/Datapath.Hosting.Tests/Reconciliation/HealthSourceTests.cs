using System.Net;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>Results of health checks on their way to the engine.</summary>
internal sealed class HealthSourceTests
{
    private const string Annotation = "example.com/checked";

    private static Service CheckedService()
    {
        var service = Objects.Service("a");
        return service with { Metadata = service.Metadata with { Annotations = service.Metadata.Annotations.Add(Annotation, "yes") } };
    }

    private static HostLab MakeLab(FakeSource source, FakeHealthSource? health) => new(builder =>
    {
        _ = builder.AddSource(_ => source);
        _ = builder.Services.AddDatapath(static o => o.LoadBalancer.HealthCheckAnnotation = Annotation);
        if (health is not null)
            _ = builder.AddHealthSource(_ => health);
    });

    private static HealthResult Result(bool isHealthy) => new(Objects.Name("a"), new(IPAddress.Parse("10.244.0.1"), 8080, L4Protocol.Tcp), isHealthy);

    private static int Usable(DatapathSnapshot now) => now.State.Services[Objects.Name("a")].Frontends[0].UsableCount;

    [Test]
    public async Task A_backend_counts_when_its_result_is_there_and_as_long_as_it_is_good()
    {
        var (source, health) = (new FakeSource(), new FakeHealthSource());
        await using var lab = MakeLab(source, health);
        source.Tell(CheckedService(), Objects.Slice("a-1", "a", "10.244.0.1"));
        await lab.Host.StartAsync();
        Assert.That(Usable(await lab.SyncedAsync()), Is.Zero);
        health.Tell(Result(isHealthy: true));
        _ = await lab.Monitor.WaitForAsync(static s => Usable(s) == 1, Deadline.Token);
        health.Tell(Result(isHealthy: false));
        _ = await lab.Monitor.WaitForAsync(static s => Usable(s) == 0, Deadline.Token);
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a", "apply +a", "apply +a" }));
        Assert.That(lab.Log.Bad, Is.Empty);
    }

    [Test]
    public async Task A_health_source_that_fails_ends_the_loop_in_its_own_name()
    {
        var (source, health) = (new FakeSource(), new FakeHealthSource());
        await using var lab = MakeLab(source, health);
        await lab.Host.StartAsync();
        health.Fail(new IOException("no route to the prober"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(lab.SyncedAsync);
        Assert.That(error!.Message, Is.EqualTo("the datapath has ended: the health source FakeHealthSource gave up: no route to the prober"));
        Assert.That(lab.Monitor.EndReason!.InnerException, Is.TypeOf<IOException>());
    }

    [Test]
    public async Task Nobody_to_check_is_worth_a_warning()
    {
        await using var lab = MakeLab(new FakeSource(), health: null);
        await lab.Host.StartAsync();
        await Deadline.UntilAsync(() => lab.Log.At(LogLevel.Warning).Any(), "a warning");
        Assert.That(lab.Log.At(LogLevel.Warning).Single(), Is.EqualTo($"Services with the annotation {Annotation} wait for results of health checks, and there is no source of any"));
    }
}
