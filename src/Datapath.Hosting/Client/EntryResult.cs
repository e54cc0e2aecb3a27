using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What became of an object that a program gave.</summary>
/// <param name="Object">The object.</param>
/// <param name="Status">Its status; <see langword="null"/> for one that was deleted, or that has none of its own. Where another source's object of the same name is in force
/// instead, <see cref="ObjectCondition.Conflict"/> with the source. Where a call left it out for a value that cannot be right, <see cref="ObjectCondition.Rejected"/> with what is wrong;
/// <see cref="ObjectStatus.IsOutdated"/> if its last good version is kept.</param>
/// <param name="Failures">What the engine could not take of it, and will be given again. Empty: nothing.</param>
public sealed record EntryResult(ObjectKey Object, ObjectStatus? Status, ImmutableArray<ApplyFailure> Failures)
{
    /// <summary>Whether it has the effect that it asks for.</summary>
    public bool IsInForce => Failures.IsEmpty && Status is not { IsNotInForce: true } && Outage is null;

    /// <summary>Why what the engine has of it takes no effect, see <see cref="DatapathSnapshot.Outage"/>. Told of services and policies that the program has. Default: <see langword="null"/>, it does.</summary>
    public string? Outage { get; init; }

    /// <summary>One line: the status, what the engine refused, and why the rest takes no effect.</summary>
    public override string ToString() => string.Join(
        "; ",
        [
            Status?.ToString() ?? $"{Object}: gone",
            .. Failures.Select(static failure => $"{failure.Frontend}: {failure.Reason}"),
            .. Outage is { } outage ? [$"without effect: {outage}"] : (IEnumerable<string>)[],
        ]);
}
