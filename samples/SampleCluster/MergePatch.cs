using System.Text.Json.Nodes;

namespace Datapath.SampleCluster;

/// <summary>A JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var outcome = target is JsonObject before ? before.DeepClone().AsObject() : [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
                _ = outcome.Remove(name);
            else
                outcome[name] = Apply(outcome[name], change);
        }

        return outcome;
    }
}
