using Datapath.Policy.Tests.Compilation.Naive;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Hands events to a compiler, and after each step holds it against the naive one and against what it said before.</summary>
internal sealed class Replay
{
    private readonly Dictionary<ObjectKey, KubernetesObject> _objects = [];
    private readonly Dictionary<(ServiceName, L4Address), bool> _health = [];
    private readonly Dictionary<ServiceName, DesiredService> _applied = [];
    private readonly Dictionary<PodName, LocalPod> _appliedPods = [];
    private readonly Dictionary<ObjectKey, ObjectStatus> _statuses = [];
    private readonly PolicyCompiler _compiler = new(new());

    /// <summary>What went wrong first; <see langword="null"/> if all is well.</summary>
    /// <param name="events">The events, those of one step side by side.</param>
    /// <param name="readEach">
    /// How often the state is asked for, in steps. It is put together when it is asked for, so it makes a difference whether that is often.
    /// </param>
    public static string? Run(IEnumerable<RandomEvent> events, int readEach = 1)
    {
        var replay = new Replay();
        foreach (var step in events.GroupBy(item => item.Step))
        {
            if (replay.Run([.. step.Select(item => item.What)], reads: step.Key % readEach == 0) is { } failure)
                return $"step {step.Key}: {failure}";
        }

        return null;
    }

    /// <summary>What the naive compiler makes of the objects after every so many steps.</summary>
    public static IEnumerable<NaiveCompiler> Sample(IEnumerable<RandomEvent> events, int each)
    {
        var replay = new Replay();
        foreach (var step in events.GroupBy(item => item.Step))
        {
            replay.Apply([.. step.Select(item => item.What)]);
            if (step.Key % each == 0)
                yield return NaiveCompiler.Compile(replay._objects.Values, replay._compiler.Node, replay._health);
        }
    }

    private string? Run(object[] step, bool reads)
    {
        var result = Apply(step);
        if (ChangeSets.Add(_applied, _appliedPods, result.Changes) is { } strange)
            return strange;
        var expected = NaiveCompiler.Compile(_objects.Values, _compiler.Node, _health);
        if ((States.Difference(expected.Services, _applied) ?? States.Difference(expected.Pods, _appliedPods)) is { } wrong)
            return $"the change sets do not add up to what the naive compiler says: {wrong}";
        if (Statuses.Add(_statuses, result.Statuses, _objects.Keys, [.. step.OfType<ObjectKey>()]) is { } odd)
            return odd;
        if (Statuses.Difference(expected.Conditions, _statuses) is { } other)
            return other;
        if (!reads)
            return null;
        if ((States.Difference(_applied, _compiler.State.Services) ?? States.Difference(_appliedPods, _compiler.State.Pods)) is { } differs)
            return $"the state is not what the change sets add up to: {differs}";
        return Statuses.Difference(_statuses, _compiler) ?? Statuses.Difference(_statuses, AtOnce())
            ?? Invariants.Broken(_compiler.State, _objects.Values);
    }

    /// <summary>Another compiler, which is told what there is now and knows nothing of before.</summary>
    private PolicyCompiler AtOnce()
    {
        var compiler = new PolicyCompiler(_compiler.Node);
        compiler.Apply([.. _health.Select(result => new HealthResult(result.Key.Item1, result.Key.Item2, result.Value))]);
        compiler.Apply(ObjectBatch.Upsert([.. _objects.Values]));
        return compiler;
    }

    private CompileResult Apply(object[] step)
    {
        switch (step)
        {
            case [NodeConfiguration node]:
                return _compiler.Apply(node);
            case [HealthResult, ..]:
                foreach (HealthResult result in step)
                {
                    if (result.IsHealthy is { } isHealthy)
                        _health[(result.Service, result.Backend)] = isHealthy;
                    else
                        _health.Remove((result.Service, result.Backend));
                }

                return _compiler.Apply([.. step.Cast<HealthResult>()]);
            default:
                return Apply([.. step.OfType<KubernetesObject>()], [.. step.OfType<ObjectKey>()]);
        }
    }

    private CompileResult Apply(KubernetesObject[] upserted, ObjectKey[] deleted)
    {
        foreach (var key in deleted)
            _objects.Remove(key);
        foreach (var item in upserted)
            _objects[item.Key] = item;
        return _compiler.Apply(new ObjectBatch([.. upserted], [.. deleted], []));
    }
}
