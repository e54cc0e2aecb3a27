using System.Text.Json;
using Datapath.Policy.Tables;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Leads one compiler from step to step of a test, one event at a time.</summary>
/// <param name="isReversed">Whether the events between two steps come in reverse.</param>
internal sealed class CaseReplay(bool isReversed)
{
    private readonly HashSet<HealthResult> _health = [];
    private Dictionary<ObjectKey, KubernetesObject> _objects = [];
    private PolicyCompiler? _compiler;

    /// <summary>The tables of a step by itself.</summary>
    public static JsonElement Scratch(ConformanceCase step)
    {
        var compiler = new PolicyCompiler(CaseNode.Configuration(step.Config));
        compiler.Apply(ObjectBatch.Upsert([.. step.ReadObjects().Values]));
        compiler.Apply(CaseNode.Health(step.Config));
        return Tables(compiler, step);
    }

    /// <summary>Goes to the next step of a test.</summary>
    /// <returns>The tables there.</returns>
    public JsonElement Next(ConformanceCase step)
    {
        var node = CaseNode.Configuration(step.Config);
        var objects = step.ReadObjects();
        _compiler ??= new(node);
        var changes = Changes(step, objects);
        foreach (var change in isReversed ? changes.AsEnumerable().Reverse() : changes)
        {
            if (change is not { } key)
                _compiler.Apply(node);
            else if (objects.TryGetValue(key, out var item))
                _compiler.Apply(ObjectBatch.Upsert(item));
            else
                _compiler.Apply(ObjectBatch.Delete(key));
        }

        _compiler.Apply(node); // whatever of it no change tells
        ApplyHealth(CaseNode.Health(step.Config));
        _objects = objects;
        return Tables(_compiler, step);
    }

    private static JsonElement Tables(PolicyCompiler compiler, ConformanceCase step)
    {
        using var document = JsonDocument.Parse(PolicyTables.Of(compiler, CaseNode.Cookies(step.Config)).ToJson());
        return document.RootElement.Clone();
    }

    private void ApplyHealth(HealthResult[] results)
    {
        var gone = _health.Where(old => !results.Any(result => result.Service == old.Service && result.Backend == old.Backend));
        _compiler!.Apply([.. gone.Select(static old => old with { IsHealthy = null }), .. results]);
        _health.Clear();
        _health.UnionWith(results);
    }

    /// <summary>The objects that change, in order; <see langword="null"/> is a change of the node. A case that tells no changes gets them worked out.</summary>
    private List<ObjectKey?> Changes(ConformanceCase step, Dictionary<ObjectKey, KubernetesObject> objects)
    {
        var different = _objects.Keys.Union(objects.Keys).Where(key => !Equals(_objects.GetValueOrDefault(key), objects.GetValueOrDefault(key))).ToList();
        if (!step.Config.TryGetProperty("changesSincePreviousStep", out var told))
            return [null, .. different.Select(static key => (ObjectKey?)key)];
        List<ObjectKey?> changes = [.. told.EnumerateArray().Select(Change)];
        Assert.That(different.Where(key => !changes.Contains(key)), Is.Empty, $"{step}: objects differ without a change that says so");
        return changes;
    }

    private static ObjectKey? Change(JsonElement change)
    {
        if (!change.TryGetProperty("kind", out var kind))
            return null; // of the node or of an endpoint: the configuration says what it is now
        return new(Enum.Parse<ObjectKind>(kind.GetString()!), change.GetProperty("namespace").GetString()!, change.GetProperty("name").GetString()!);
    }
}
