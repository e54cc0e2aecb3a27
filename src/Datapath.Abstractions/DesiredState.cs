using System.Collections.Immutable;

namespace Datapath;

/// <summary>Everything that the datapath should hold. Immutable; no two services claim the same frontend address.</summary>
/// <param name="Services">The services by name.</param>
public sealed record DesiredState(ImmutableDictionary<ServiceName, DesiredService> Services)
{
    /// <summary>A state without services.</summary>
    public static DesiredState Empty { get; } = new(ImmutableDictionary<ServiceName, DesiredService>.Empty);

    /// <summary>The pods of this node by name. Default: none.</summary>
    public ImmutableDictionary<PodName, LocalPod> Pods { get; init; } = ImmutableDictionary<PodName, LocalPod>.Empty;

    /// <summary>The state after a change.</summary>
    /// <param name="changes">What to add, replace and remove.</param>
    public DesiredState With(ChangeSet changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var services = Services.ToBuilder();
        services.RemoveRange(changes.Removed);
        foreach (var service in changes.Upserted)
            services[service.Name] = service;
        var pods = Pods.RemoveRange(changes.RemovedPods).SetItems(changes.Pods.Select(static pod => KeyValuePair.Create(pod.Name, pod)));
        return new(services.ToImmutable()) { Pods = pods };
    }

    /// <summary>The numbers: <c>2 services, 1 pods</c>.</summary>
    public override string ToString() => $"{Services.Count} services, {Pods.Count} pods";
}
