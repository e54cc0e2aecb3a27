namespace Datapath.Policy;

/// <summary>The conditions of an <see cref="Endpoint"/>. Each may be unknown.</summary>
/// <param name="Ready">Whether it takes new connections; unknown means yes.</param>
/// <param name="Serving">Whether it passes its readiness checks, whatever <paramref name="Terminating"/> says; unknown means yes.</param>
/// <param name="Terminating">Whether it is on its way out; unknown means no.</param>
public readonly record struct EndpointConditions(bool? Ready = null, bool? Serving = null, bool? Terminating = null)
{
    /// <summary>What a backend with these conditions may be used for (Kubernetes KEP-1672).</summary>
    public BackendState State => (Ready ?? true, Terminating ?? false, Serving ?? true) switch
    {
        (true, _, _) => BackendState.Active,
        (false, true, true) => BackendState.Terminating,
        (false, true, false) => BackendState.TerminatingNotServing,
        (false, false, _) => BackendState.Maintenance,
    };
    /// <summary>Conditions with which a backend may be used as a state says.</summary>
    /// <param name="state">The state.</param>
    public static EndpointConditions Of(BackendState state) => state switch
    {
        BackendState.Active => default,
        BackendState.Terminating => new(Ready: false, Serving: true, Terminating: true),
        BackendState.TerminatingNotServing => new(Ready: false, Serving: false, Terminating: true),
        BackendState.Maintenance => new(Ready: false),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "there is no such state"),
    };
}
