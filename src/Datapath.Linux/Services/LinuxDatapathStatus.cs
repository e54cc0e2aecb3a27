using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>How a datapath is.</summary>
/// <param name="Cgroup">The cgroup whose processes are served.</param>
/// <param name="Hooks">The number of attached programs.</param>
/// <param name="IPv4">The tables of IPv4.</param>
/// <param name="IPv6">The tables of IPv6.</param>
/// <param name="Counters">Events since the maps were made, by name.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record LinuxDatapathStatus(string Cgroup, int Hooks, TableStatus IPv4, TableStatus IPv6, ImmutableSortedDictionary<string, long> Counters)
{
    /// <summary>Clients that stay with a backend, each counted once for each frontend where it does; those whose time is over among them.</summary>
    public int StickyClients { get; init; }

    /// <summary>Clients that fit; of more, those that did not dial for longest are forgotten.</summary>
    public int MaxStickyClients { get; init; }

    /// <summary>Whether only programs in the host's network namespace are served. Default: no, all below the cgroup are.</summary>
    public bool IsHostNamespaceOnly { get; init; }

    /// <summary>Its parts, how each stands and why, always in the same order. Default: none.</summary>
    public ImmutableArray<FeatureStatus> Features { get; init; } = [];

    /// <summary>One line: the cgroup, how full the tables are, and the parts that do not work as they should.</summary>
    public override string ToString() => string.Join(
        "; ",
        [
            $"{Hooks} programs at cgroup '{Cgroup}', {IPv4.Frontends} of {IPv4.MaxFrontends} frontends of IPv4, {IPv6.Frontends} of {IPv6.MaxFrontends} of IPv6",
            .. Features.Where(static feature => feature.State is FeatureState.NotEffective or FeatureState.Unavailable).Select(static feature => $"{feature.Name}: {feature.Reason}"),
        ]);
}

/// <summary>How full the tables of a family are.</summary>
/// <param name="Frontends">Frontends in use.</param>
/// <param name="MaxFrontends">Frontends that fit.</param>
/// <param name="Slots">Slots in use.</param>
/// <param name="MaxSlots">Slots that fit.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record TableStatus(int Frontends, int MaxFrontends, int Slots, int MaxSlots)
{
    /// <summary>Slots that changes have replaced, and that wait until no program can be reading them: a second after the change, or until a change needs them. They are not among those in use. Default: none.</summary>
    public int RetiredSlots { get; init; }
}
