namespace Datapath.Policy;

/// <summary>A redirect policy and what became of it.</summary>
internal sealed class RedirectEntry(ObjectKey key) : ServedEntry(key.PolicyName)
{
    public ObjectKey Key { get; } = key;

    /// <summary>The policy itself; <see langword="null"/> if it is gone, which it stays to the end of the batch only.</summary>
    public KubernetesObject? Policy { get; set; }

    /// <summary>What it wants; <see langword="null"/> if it is invalid or policies are off.</summary>
    public RedirectPlan? Plan { get; set; }

    /// <summary>Why it is refused; <see langword="null"/> if it is not.</summary>
    public string? Rejection { get; set; }

    /// <summary>Whom it concerns.</summary>
    public RedirectSelection Selection { get; set; } = RedirectSelection.Nobody;

    /// <summary>The addresses and ranges that it wants.</summary>
    public List<RedirectTarget> Targets { get; } = [];

    public ObjectStatus? Status { get; set; }
}
