namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Objects"/>: what became of an object.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace, empty for a kind that is in none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Condition">What became of it, as <see cref="ObjectCondition"/> names it.</param>
/// <param name="Frontends">How many frontends it has.</param>
/// <param name="Message">The condition in words.</param>
/// <param name="IsOutdated">Whether a newer version of it is refused, so that the last good one is in force.</param>
public sealed record ObjectRow(string Kind, string Namespace, string Name, string Condition, int Frontends, string Message, bool IsOutdated)
{
    /// <summary>Whether it is active in part only, as <see cref="ObjectStatus.IsPartial"/> says. Default: no.</summary>
    public bool IsPartial { get; init; }

    internal static ObjectRow Of(ObjectStatus status) => new(
        status.Object.Kind.ToString(), status.Object.Namespace, status.Object.Name, status.Condition.ToString(), status.Frontends, status.Message,
        status.IsOutdated)
    {
        IsPartial = status.IsPartial,
    };
}
