using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What a change of the input led to.</summary>
/// <param name="Changes">The step from the desired state before to the one after. Empty if nothing changes for the datapath.</param>
/// <param name="Statuses">The statuses that are new or differ. Objects that are gone have none.</param>
public sealed record CompileResult(ChangeSet Changes, ImmutableArray<ObjectStatus> Statuses)
{
    /// <summary>One line: what changes, and each status that does.</summary>
    public override string ToString() => string.Join("; ", [Changes.ToString(), .. Statuses.Select(static status => status.ToString())]);
}
