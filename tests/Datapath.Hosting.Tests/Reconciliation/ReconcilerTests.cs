using System.Diagnostics.Metrics;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Datapath.Hosting.Tests.Reconciliation;

internal sealed class ReconcilerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeDatapath _datapath = new();
    private readonly DatapathMonitor _monitor = new([new FakeSource(), new FakeSource()]);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _datapath.Dispose();
    }

    private Reconciler Make(int sources = 1)
    {
        var metrics = new DatapathMetrics(_services.GetRequiredService<IMeterFactory>());
        string[] names = [.. Enumerable.Range(1, sources).Select(static number => $"source {number}")];
        var inputs = new ReconcilerInputs(new() { Name = "node-a" }, [.. names], masquerade: null, metrics, NullLogger.Instance);
        return new(_datapath, masquerade: null, inputs, new(_datapath, new NoMasquerade(), _monitor, NullLogger<FaultWatch>.Instance), _monitor, metrics, _time, NullLogger.Instance);
    }

    private static void Step(Reconciler reconciler, params ReadOnlySpan<KubernetesObject> objects)
    {
        reconciler.Inputs.Take(0, ObjectBatch.Upsert(objects));
        reconciler.Step();
    }

    [Test]
    public void The_engine_is_not_touched_before_every_source_has_told_its_initial_list()
    {
        var reconciler = Make(sources: 2);
        reconciler.Inputs.Take(1, ObjectBatch.Upsert(Objects.Service("b", 2)));
        reconciler.Step();
        Assert.That(_datapath.Calls, Is.Empty);
        Assert.That((_monitor.Current.IsSynced, _monitor.Current.Generation), Is.EqualTo((false, 0)));
        reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Service("a", 1)));
        reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a,b" }));
        Assert.That((_monitor.Current.IsSynced, _monitor.Current.Generation), Is.EqualTo((true, 1)));
    }

    [Test]
    public void An_empty_initial_list_removes_what_an_earlier_process_left()
    {
        Step(Make());
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace " }));
    }

    [Test]
    public void While_an_input_is_refused_what_an_earlier_process_left_stays()
    {
        var reconciler = Make();
        reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Service("a", 1)) with { IsPartial = true });
        reconciler.Step();
        reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Service("b", 2)) with { IsPartial = true });
        reconciler.Step();
        reconciler.Inputs.Take(0, ObjectBatch.Empty);
        reconciler.Step();
        reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Service("c", 3)));
        reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "apply +a", "apply +b", "replace a,b", "apply +c" }));
    }

    [Test]
    public void After_the_first_step_only_what_changes_is_applied()
    {
        var reconciler = Make();
        Step(reconciler, Objects.Service("a", 1), Objects.Service("b", 2));
        reconciler.Inputs.Take(0, new([Objects.Service("c", 3), Objects.Service("b", 2)], [Objects.Key("a")], []));
        reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a,b", "apply +c -a" }));
        reconciler.Step();
        Assert.That(_datapath.Calls, Has.Length.EqualTo(2));
    }

    [Test]
    public void Several_steps_at_once_are_one_for_the_engine()
    {
        var reconciler = Make();
        Step(reconciler);
        for (var i = 0; i < 100; i++)
            reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Service("a", i), Objects.Service("b", 200 + i)));
        reconciler.Inputs.Take(0, ObjectBatch.Delete(Objects.Key("b")));
        reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace ", "apply +a -b" }));
    }

    [Test]
    public void What_passes_is_tried_again_by_the_clock_ever_less_often()
    {
        var reconciler = Make();
        _datapath.Refused["a"] = ("no slots", IsTransient: true);
        Step(reconciler, Objects.Service("a", 1), Objects.Service("b", 2));
        var delays = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            delays.Add(reconciler.RetryIn!.Value.TotalSeconds);
            reconciler.Step();
        }

        Assert.That(delays, Is.EqualTo(new[] { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60 }));
        Assert.That(_datapath.Calls.Skip(1), Is.All.EqualTo("apply +a"), "only what failed");
        _datapath.Refused.Clear();
        reconciler.Step();
        Assert.That((reconciler.RetryIn, _monitor.Current.Failures.IsEmpty), Is.EqualTo(((TimeSpan?)null, true)));
        _datapath.Refused["b"] = ("no slots", IsTransient: true);
        Step(reconciler, Objects.Service("b", 3));
        Assert.That(reconciler.RetryIn, Is.EqualTo(TimeSpan.FromMilliseconds(100)), "the next failure begins anew");
    }

    [Test]
    public void What_is_refused_for_good_is_tried_again_with_the_next_change_alone()
    {
        var reconciler = Make();
        _datapath.Refused["a"] = ("port 0", IsTransient: false);
        Step(reconciler, Objects.Service("a", 1));
        Assert.That(reconciler.RetryIn, Is.Null);
        Assert.That(_monitor.Current.Failures.Single().Reason, Is.EqualTo("port 0"));
        _datapath.Refused.Clear();
        Step(reconciler, Objects.Service("b", 2));
        Assert.That(_datapath.Calls[^1], Is.EqualTo("apply +a +b"));
        Assert.That(_monitor.Current.Failures, Is.Empty);
    }

    [Test]
    public void A_refused_service_that_goes_is_not_tried_again()
    {
        var reconciler = Make();
        _datapath.Refused["a"] = ("no slots", IsTransient: true);
        Step(reconciler, Objects.Service("a", 1));
        reconciler.Inputs.Take(0, ObjectBatch.Delete(Objects.Key("a")));
        reconciler.Step();
        Assert.That(_datapath.Calls[^1], Is.EqualTo("apply -a"));
        Assert.That((reconciler.RetryIn, _monitor.Current.Failures.IsEmpty), Is.EqualTo(((TimeSpan?)null, true)));
    }

    [Test]
    public void The_snapshot_shows_how_it_stands()
    {
        var reconciler = Make();
        Step(reconciler, Objects.Service("a", 1), Objects.Slice("a-1", "a", "10.244.0.1"), Objects.Service("b", 1));
        var now = _monitor.Current;
        Assert.Multiple(() =>
        {
            Assert.That(now.AppliedAt, Is.EqualTo(_time.GetUtcNow()));
            Assert.That(now.State.Services.Keys, Is.EqualTo(new[] { Objects.Name("a") }));
            Assert.That(now.Statuses[Objects.Key("a")].Condition, Is.EqualTo(ObjectCondition.Active));
            Assert.That(now.Statuses[Objects.Key("b")].Condition, Is.EqualTo(ObjectCondition.Conflict));
            Assert.That(now.Statuses, Has.Count.EqualTo(3));
        });
    }

    [Test]
    public void A_status_that_changes_shows_even_if_the_engine_has_nothing_to_do()
    {
        var reconciler = Make();
        Step(reconciler, Objects.Service("a", 1));
        var appliedAt = _monitor.Current.AppliedAt;
        _time.Advance(TimeSpan.FromSeconds(1));
        Step(reconciler, Objects.Service("b", 1));
        Assert.That(_monitor.Current.Statuses[Objects.Key("b")].Condition, Is.EqualTo(ObjectCondition.Conflict));
        Assert.That((_monitor.Current.AppliedAt, _monitor.Current.Generation), Is.EqualTo((appliedAt, 2)));
        reconciler.Inputs.Take(0, ObjectBatch.Delete(Objects.Key("b")));
        reconciler.Step();
        Assert.That(_monitor.Current.Statuses.Keys, Is.EqualTo(new[] { Objects.Key("a") }));
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a" }));
    }

    [Test]
    public void What_is_deleted_and_back_in_one_step_keeps_its_status()
    {
        var reconciler = Make();
        Step(reconciler, Objects.Service("a", 1));
        reconciler.Inputs.Take(0, new([Objects.Service("a", 1)], [Objects.Key("a")], []));
        reconciler.Step();
        Step(reconciler, Objects.Service("b", 2));
        Assert.That(_monitor.Current.Statuses.Keys, Is.EquivalentTo(new[] { Objects.Key("a"), Objects.Key("b") }));
    }
}
