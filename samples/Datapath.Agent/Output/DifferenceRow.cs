using System.Text.Json.Serialization;
using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>What would happen to a frontend, or to a pod whose dials are left alone.</summary>
internal sealed record DifferenceRow(
    string Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Service,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Frontend,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExemptPod,
    IReadOnlyList<string> Details)
{
    /// <summary>All that differs between two states.</summary>
    public static IReadOnlyList<DifferenceRow> Between(DesiredState before, DesiredState after) =>
    [
        .. StateDifference.Between(before, after)
            .Select(static row => new DifferenceRow(row.Kind.ToString(), row.Service.ToString(), row.Frontend, null, row.Details)),
        .. StateDifference.BetweenPods(before, after)
            .Select(static row => new DifferenceRow(row.Kind.ToString(), null, null, row.Pod.ToString(), row.Details)),
    ];
}
