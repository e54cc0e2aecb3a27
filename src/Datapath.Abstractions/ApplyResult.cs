using System.Collections.Immutable;

namespace Datapath;

/// <summary>What became of a change.</summary>
/// <param name="FrontendsWritten">Frontends that were added or replaced.</param>
/// <param name="FrontendsRemoved">Frontends that were removed.</param>
/// <param name="Failures">What was not applied, and why. Empty if all was.</param>
public sealed record ApplyResult(int FrontendsWritten, int FrontendsRemoved, ImmutableArray<ApplyFailure> Failures)
{
    /// <summary>The pods that are not treated as they ask to be, and why. Default: none.</summary>
    public ImmutableArray<PodFailure> PodFailures { get; init; } = [];

    /// <summary>One line: how much was written and removed, and all that was not applied.</summary>
    public override string ToString() => string.Join(
        "; ",
        [
            $"{FrontendsWritten} frontends written, {FrontendsRemoved} removed",
            .. Failures.Select(static failure => $"not applied: service {failure.Service}, {failure.Frontend}: {failure.Reason}"),
            .. PodFailures.Select(static failure => $"pod {failure.Pod}: {failure.Reason}"),
        ]);
}

/// <summary>A pod that is not treated as it asks to be. The same call may succeed later.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record PodFailure(PodName Pod, string Reason);

/// <summary>One frontend that was not applied.</summary>
/// <param name="Service">The service it belongs to.</param>
/// <param name="Frontend">Its address.</param>
/// <param name="Reason">Why, and what to do.</param>
/// <param name="IsTransient">Whether the same call may succeed later without a change of the input.</param>
public sealed record ApplyFailure(ServiceName Service, L4Address Frontend, string Reason, bool IsTransient)
{
    /// <summary>The redirect policy that is not applied as it asks, see <see cref="Redirect.Policy"/>. Default: <see langword="null"/>, it is not about one.</summary>
    public ServiceName? Policy { get; init; }
}
