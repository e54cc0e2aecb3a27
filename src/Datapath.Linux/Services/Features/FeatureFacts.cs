using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>What is known of a datapath when somebody asks how its parts stand.</summary>
/// <param name="Options">What it is to be.</param>
/// <param name="Cgroup">The directory of the cgroup that is served.</param>
internal sealed record FeatureFacts(LinuxDatapathOptions Options, string Cgroup)
{
    /// <summary>Programs that are attached, or were.</summary>
    public int Hooks { get; init; }

    /// <summary>What has become of them; <see langword="null"/> if all of them run.</summary>
    public string? HookFault { get; init; }

    /// <summary>Those of bind protection that run nowhere any more.</summary>
    public ImmutableArray<string> DetachedBindPrograms { get; init; } = [];

    /// <summary>What is not as with most frontends and ranges.</summary>
    public TraitCounts Traits { get; init; }

    /// <summary>Redirect policies that were applied.</summary>
    public int Policies { get; init; }

    /// <summary>Those of them that do not do all that they ask for.</summary>
    public int UnappliedPolicies { get; init; }

    /// <summary>Whether what an earlier process left is in force, and nobody has said yet where it comes from.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>Clients that stay with a backend.</summary>
    public int StickyClients { get; init; }

    /// <summary>Pods whose dials are to be left alone.</summary>
    public int ExemptPods { get; init; }

    /// <summary>Those of them that were not found.</summary>
    public int MissingExemptPods { get; init; }

    /// <summary>Whether programs can end sockets; <see langword="null"/> if the kernel has no types by which to tell.</summary>
    public bool? CanProgramsEndSockets { get; init; }

    /// <summary>Why the last walk over the sockets failed; <see langword="null"/> if it did not.</summary>
    public string? ScanFailure { get; init; }

    /// <summary>Who listens to dials; <see langword="null"/> if nobody does.</summary>
    public uint? Listener { get; init; }

    /// <summary>Other datapaths at the cgroup, above and below it.</summary>
    public ImmutableArray<OtherDatapath> Others { get; init; } = [];

    /// <summary>What has become of the pins.</summary>
    public ImmutableArray<string> PinFaults { get; init; } = [];
}

/// <summary>How many frontends and ranges have what most have not.</summary>
/// <param name="Sticky">Their clients stay with a backend.</param>
/// <param name="FallingBack">Backends that did not take a connection lately are passed over.</param>
/// <param name="WithClients">Some clients have other backends.</param>
/// <param name="WithCgroups">Some of these clients are told by their cgroup.</param>
/// <param name="NodePorts">Ports of the node.</param>
internal readonly record struct TraitCounts(int Sticky, int FallingBack, int WithClients, int WithCgroups, int NodePorts);
