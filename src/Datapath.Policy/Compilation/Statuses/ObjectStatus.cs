namespace Datapath.Policy;

/// <summary>The status of one object.</summary>
/// <param name="Object">The object.</param>
/// <param name="Condition">What became of it.</param>
/// <param name="Frontends">How many frontends it has in the desired state.</param>
/// <param name="Message">The condition in words; for a rejected object every field, value and reason.</param>
public sealed record ObjectStatus(ObjectKey Object, ObjectCondition Condition, int Frontends, string Message)
{
    /// <summary>Whether a newer version of the object is refused, so that the last good one is in force.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>
    /// Whether an object that is <see cref="ObjectCondition.Active"/> is so in part only: <see cref="Message"/> says what stands in the way
    /// of the rest, such as another policy that comes first, or a frontend without a usable backend. Default: no.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>
    /// Whether it waits for a port that nothing has, which is easily misspelt: a service without backends whose ports and those of its slices have no name in
    /// common, or a policy of which a frontend has ready pods, and none of them a port that fits; <see cref="Message"/> says which. Default: no.
    /// </summary>
    public bool LacksPort { get; init; }

    /// <summary>
    /// Whether a service has backends of an IP family of which it has no address, so that no dial reaches them; <see cref="Message"/> says which family. Default: no.
    /// </summary>
    public bool LacksFamily { get; init; }

    /// <summary>One line, for example <c>Service default/web: Active: 2 frontends</c>.</summary>
    public override string ToString() => $"{Object}: {Condition}: {Message}";
}
