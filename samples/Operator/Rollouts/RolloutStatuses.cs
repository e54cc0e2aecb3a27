using Datapath.Hosting;

namespace Datapath.Operator.Rollouts;

/// <summary>What a rollout says of itself.</summary>
internal static class RolloutStatuses
{
    private const string Ready = "Ready";

    /// <summary>The status of one that is in force.</summary>
    /// <param name="spec">What is in force.</param>
    /// <param name="leaving">The backends that are being drained.</param>
    public static (RolloutPhase Phase, string Message) Of(RolloutSpec spec, IReadOnlyCollection<string> leaving) => spec switch
    {
        _ when leaving.Count > 0 => (RolloutPhase.Draining, Describe(leaving)),
        { Canary.Count: 0 } or { Weight: 0 } => (RolloutPhase.Stable, $"{spec.Stable.Count} stable backends get all new connections"),
        { Weight: 100 } => (RolloutPhase.Promoted, $"{spec.Canary.Count} canary backends get all new connections"),
        _ => (RolloutPhase.Progressing, $"{spec.Canary.Count} canary backends get {spec.Weight} % of new connections"),
    };

    /// <summary>What becomes of backends that are being drained.</summary>
    public static string Describe(IEnumerable<string> leaving) => $"{string.Join(", ", leaving)}: no new connections, removed when the last has ended";

    /// <summary>The status to write; <see langword="null"/>: the object says it already.</summary>
    public static RolloutStatus? Next(RolloutStatus? before, KubernetesMetadata metadata, RolloutPhase phase, string message, string[] draining, RolloutSpec? applied, DateTimeOffset now)
    {
        var isReady = phase is RolloutPhase.Refused || metadata.IsDeleting ? "False" : "True";
        var was = before?.Conditions.Find(static condition => condition.Type == Ready);
        if (was?.Status == isReady && before!.ObservedGeneration == metadata.Generation && before.Phase == phase && before.Message == message && before.Draining.SequenceEqual(draining))
            return null;
        return new()
        {
            ObservedGeneration = metadata.Generation,
            Phase = phase,
            Message = message,
            Applied = phase is RolloutPhase.Refused ? applied : null,
            Draining = [.. draining],
            Conditions =
            [
                new()
                {
                    Type = Ready,
                    Status = isReady,
                    Reason = phase.ToString(),
                    Message = message,
                    LastTransitionTime = was?.Status == isReady ? was.LastTransitionTime : new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero),
                },
            ],
        };
    }
}
