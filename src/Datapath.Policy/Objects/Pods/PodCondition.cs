namespace Datapath.Policy;

/// <summary>A condition of a <see cref="Pod"/>.</summary>
/// <param name="Type">What it is about, for example <see cref="Ready"/>.</param>
/// <param name="Status">Whether it holds.</param>
public readonly record struct PodCondition(string Type, ConditionStatus Status)
{
    /// <summary>The type of the condition that tells whether the pod takes requests.</summary>
    public const string Ready = nameof(Ready);
}
