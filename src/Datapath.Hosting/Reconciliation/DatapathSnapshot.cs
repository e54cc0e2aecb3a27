using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>How a hosted datapath stands after a step.</summary>
public sealed record DatapathSnapshot
{
    /// <summary>The number of the step, from 1; 0 before the first.</summary>
    public long Generation { get; init; }

    /// <summary>Whether every source has told its initial list and the engine holds it. Until then the engine keeps what an earlier process left.</summary>
    public bool IsSynced { get; init; }

    /// <summary>When the engine was last given something; <see langword="null"/> before the first time.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>What the engine should hold.</summary>
    public DesiredState State { get; init; } = DesiredState.Empty;

    /// <summary>What became of each object. Of one that several sources have, of that which has its way.</summary>
    public ImmutableDictionary<ObjectKey, ObjectStatus> Statuses { get; init; } = ImmutableDictionary<ObjectKey, ObjectStatus>.Empty;

    /// <summary>Of each object that several sources have, the number of the source that has its way, in the order of the sources.</summary>
    internal ImmutableDictionary<ObjectKey, int> Winners { get; init; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>How far each source's steps are in the engine, in the order of the sources, see <see cref="ObjectBatch.Revision"/>.</summary>
    internal ImmutableArray<long> Revisions { get; init; } = [];

    /// <summary>
    /// Those of <see cref="Statuses"/> whose object has no effect, or not the one that it asks for: refused, in force in an older
    /// version than the refused one, in conflict with another one, or of a form that is not compiled. In order.
    /// </summary>
    public ImmutableArray<ObjectStatus> NotInForce =>
        [.. Statuses.Values.Where(static status => status.IsNotInForce).OrderBy(static status => status.Object)];

    /// <summary>What the engine could not take, and will be given again.</summary>
    public ImmutableArray<ApplyFailure> Failures { get; init; } = [];

    /// <summary>The pods that are not treated as they ask to be, and will be tried again.</summary>
    public ImmutableArray<PodFailure> PodFailures { get; init; } = [];

    /// <summary>How masquerading stands; <see langword="null"/> if it is off.</summary>
    public MasqueradeSnapshot? Masquerade { get; init; }

    /// <summary>Whether what the engine holds takes effect, tried after the first sync; <see langword="null"/> before, and for an engine that cannot try.</summary>
    public SelfTestResult? SelfTest { get; init; }

    /// <summary>
    /// What has happened around the engine so that what it holds takes no effect or will not last, a sentence each: its cgroup was removed, programs were detached, pins were deleted. Empty:
    /// nothing. Also changes between steps: what the kernel tells (cgroup and pins) at once, everything within 5 seconds. Those of masquerading, see <see cref="MasqueradeSnapshot.Faults"/>, which has
    /// other times, come last, with <c>masquerading: </c> before them.
    /// </summary>
    public ImmutableArray<string> Faults { get; init; } = [];

    /// <summary>
    /// That of <see cref="Faults"/> by which what the engine holds takes no effect at this moment, wholly or in part. <see langword="null"/>: there is none. Never one of masquerading, with which services go on: that is
    /// <see cref="MasqueradeSnapshot.Outage"/>. Looked for after each step, too, so calls of <see cref="DatapathClient"/> tell it.
    /// </summary>
    public string? Outage { get; init; }

    /// <summary>One line: the step, how much the engine should hold, and what stands in the way of it.</summary>
    public override string ToString() => string.Join(
        "; ",
        [
            $"step {Generation}: {(IsSynced ? "synced" : "not synced")}, {State}",
            .. Faults.Except(Masquerade?.Faults.Select(MasqueradeSnapshot.InWords) ?? []), // those it tells itself, below
            .. NotInForce.Select(static status => status.ToString()),
            .. Failures.Select(static failure => $"not applied: service {failure.Service}, {failure.Frontend}: {failure.Reason}"),
            .. PodFailures.Select(static failure => $"pod {failure.Pod}: {failure.Reason}"),
            .. SelfTest is null ? [] : new[] { $"self-test: {SelfTest}" },
            .. Masquerade is null ? [] : new[] { $"masquerading: {Masquerade}" },
        ]);
}
