using System.Diagnostics.Metrics;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>The pods of the node reach the engine as services do.</summary>
internal sealed class PodTests : IDisposable
{
    private readonly FakeDatapath _datapath = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly DatapathMonitor _monitor;
    private readonly Reconciler _reconciler;

    public PodTests()
    {
        var metrics = new DatapathMetrics(_services.GetRequiredService<IMeterFactory>());
        var inputs = new ReconcilerInputs(new() { Name = "node-a" }, sources: ["a source"], masquerade: null, metrics, NullLogger.Instance);
        _monitor = new([]);
        _reconciler = new(_datapath, masquerade: null, inputs, new(_datapath, new NoMasquerade(), _monitor, NullLogger<FaultWatch>.Instance), _monitor, metrics, new FakeTimeProvider(), NullLogger.Instance);
    }

    public void Dispose()
    {
        _services.Dispose();
        _datapath.Dispose();
    }

    [TearDown]
    public void What_the_engine_was_given_adds_up_to_the_state()
    {
        Assert.That(_datapath.State.Pods, Is.EquivalentTo(_reconciler.Inputs.State.Pods));
        Assert.That(_datapath.State.Services, Is.EquivalentTo(_reconciler.Inputs.State.Services));
    }

    [Test]
    public void The_first_step_tells_all_pods()
    {
        Step(Objects.Service("a"), Objects.Pod("p"), Objects.Pod("q", 2));
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a; pods p,q" }));
    }

    [Test]
    public void While_an_input_is_refused_pods_are_told_and_none_is_removed()
    {
        _reconciler.Inputs.Take(0, ObjectBatch.Upsert(Objects.Pod("p")) with { IsPartial = true });
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "apply ; pods +p" }));
    }

    [Test]
    public void A_change_of_pods_alone_is_applied()
    {
        Step(Objects.Service("a"), Objects.Pod("p"));
        Step(Objects.Pod("p", 2), Objects.Pod("q", 3));
        Step(Objects.Pod("p", 2));
        Delete("q");
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a; pods p", "apply ; pods +p +q", "apply ; pods -q" }));
    }

    [Test]
    public void Several_steps_at_once_are_the_last_word_on_each_pod()
    {
        Step(Objects.Pod("p"), Objects.Pod("q", 2));
        Take(Objects.Pod("p", 3));
        Delete("p");
        Take(Objects.Pod("p", 4));
        Take(Objects.Pod("q", 5));
        Delete("q");
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace ; pods p,q", "apply ; pods +p -q" }));
        Assert.That(_datapath.State.Pods.Values.Single().Addresses.Single().ToString(), Is.EqualTo("10.244.0.4"));
    }

    [Test]
    public void Services_that_were_refused_are_tried_again_with_a_change_of_pods_and_the_pods_stay()
    {
        _datapath.Refused["a"] = ("no slots", IsTransient: true);
        Step(Objects.Service("a"), Objects.Pod("p"));
        _reconciler.Step();
        Step(Objects.Pod("q", 2));
        _datapath.Refused.Clear();
        _reconciler.Step();
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace a; pods p", "apply +a", "apply +a; pods +q", "apply +a" }));
        Assert.That(_datapath.State.Pods, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_pod_that_is_not_found_is_told_again_until_it_is()
    {
        _ = _datapath.Lost.Add("p");
        Step(Objects.Pod("p"), Objects.Pod("q", 2));
        Assert.That(_reconciler.RetryIn, Is.EqualTo(TimeSpan.FromMilliseconds(100)));
        Assert.That(_monitor.Current.PodFailures.Single().Pod.Name, Is.EqualTo("p"));
        _reconciler.Step();
        _datapath.Lost.Clear();
        _reconciler.Step();
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace ; pods p,q", "apply ; pods +p", "apply ; pods +p" }));
        Assert.That((_reconciler.RetryIn, _monitor.Current.PodFailures.IsEmpty), Is.EqualTo(((TimeSpan?)null, true)));
    }

    [Test]
    public void A_pod_that_is_to_be_looked_for_again_is_told_once_unless_it_is_gone()
    {
        Step(Objects.Pod("p"), Objects.Pod("q", 2));
        _reconciler.Inputs.Take([new PodName("default", "p"), new PodName("default", "q"), new PodName("default", "unknown")]);
        Delete("q");
        _reconciler.Step();
        _reconciler.Step();
        Assert.That(_datapath.Calls, Is.EqualTo(new[] { "replace ; pods p,q", "apply ; pods +p -q" }));
    }

    [Test]
    public void A_pod_that_was_lost_does_not_wait_for_others_that_have_long_failed()
    {
        _ = _datapath.Lost.Add("p");
        Step(Objects.Pod("p"), Objects.Pod("q", 2));
        for (var i = 0; i < 12; i++)
            _reconciler.Step();
        Assert.That(_reconciler.RetryIn, Is.EqualTo(TimeSpan.FromMinutes(1)));
        _ = _datapath.Lost.Add("q");
        _reconciler.Inputs.Take([new PodName("default", "q")]);
        _reconciler.Step();
        Assert.That(_reconciler.RetryIn, Is.EqualTo(TimeSpan.FromMilliseconds(100)));
    }

    private void Step(params ReadOnlySpan<KubernetesObject> objects)
    {
        Take(objects);
        _reconciler.Step();
    }

    private void Take(params ReadOnlySpan<KubernetesObject> objects) => _reconciler.Inputs.Take(0, ObjectBatch.Upsert(objects));

    private void Delete(string pod) => _reconciler.Inputs.Take(0, ObjectBatch.Delete(Objects.Pod(pod).Key));
}
