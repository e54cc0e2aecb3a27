using System.Collections.Immutable;

namespace Datapath;

/// <summary>A step from one desired state to the next. A service is in one of the two lists at most, and once.</summary>
/// <param name="Upserted">Services that are new or differ, whole.</param>
/// <param name="Removed">Services that are gone.</param>
public sealed record ChangeSet(ImmutableArray<DesiredService> Upserted, ImmutableArray<ServiceName> Removed)
{
    /// <summary>No change.</summary>
    public static ChangeSet Empty { get; } = new([], []);

    /// <summary>Pods of this node that are new, differ, or are to be looked for again (<see cref="IPodFindingDatapath"/>). Default: none.</summary>
    public ImmutableArray<LocalPod> Pods { get; init; } = [];

    /// <summary>Pods that are gone, or no longer of this node. Default: none.</summary>
    public ImmutableArray<PodName> RemovedPods { get; init; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Upserted.IsEmpty && Removed.IsEmpty && Pods.IsEmpty && RemovedPods.IsEmpty;

    /// <summary>One line with all names: <c>+default/web -default/old; pods +default/web-1</c>.</summary>
    public override string ToString()
    {
        var services = string.Join(' ', [.. Upserted.Select(static service => $"+{service.Name}"), .. Removed.Select(static name => $"-{name}")]);
        var pods = string.Join(' ', [.. Pods.Select(static pod => $"+{pod.Name}"), .. RemovedPods.Select(static name => $"-{name}")]);
        return IsEmpty ? "no change" : string.Join("; ", new[] { services, pods.Length == 0 ? "" : $"pods {pods}" }.Where(static part => part.Length > 0));
    }
}
