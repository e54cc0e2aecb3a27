using Datapath.Hosting;

namespace Datapath.Operator.Rollouts;

/// <summary>What the operator knows of a rollout. Changed by the one who reconciles, but for the object and the drains.</summary>
internal sealed class RolloutEntry
{
    /// <summary>The object as the cluster has it; <see langword="null"/>: it is gone.</summary>
    public KubernetesItem<Rollout>? Item { get; set; }

    /// <summary>What is in force; <see langword="null"/>: nothing is.</summary>
    public RolloutSpec? Applied { get; set; }

    /// <summary>The status that was written last: that of an object that cannot be read cannot be read either.</summary>
    public RolloutStatus? Written { get; set; }

    /// <summary>The backends that are being drained.</summary>
    public HashSet<string> Draining { get; } = [];

    /// <summary>How often it failed running.</summary>
    public int Failures { get; set; }
}
