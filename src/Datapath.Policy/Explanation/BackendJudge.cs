namespace Datapath.Policy;

/// <summary>Says why a frontend uses a backend of its service, or not.</summary>
internal sealed class BackendJudge(ServiceEntry service, BackendRules rules, Frontend frontend, bool isLocal)
{
    private readonly BackendKey _key = BackendKey.Of(frontend.Address, frontend.PortName, isLocal);

    public BackendFit Fit(ReadOnlySpan<Candidate> same) => _key.Judge(same, rules.Node.Name);

    /// <param name="same">All that is known of the backend.</param>
    /// <param name="reason">Why.</param>
    /// <returns>Whether it takes new connections.</returns>
    public bool Uses(ReadOnlySpan<Candidate> same, out string reason)
    {
        var fit = Fit(same);
        var backend = same[0].Backend;
        var index = IndexOf(backend.Address);
        var isUsed = index >= 0 && index < frontend.UsableCount;
        reason = fit is not BackendFit.Fits ? WhyNot(fit, same)
            : index < 0 ? WhyLeftOut(backend)
            : isUsed ? Why(frontend.Backends[index])
            : WhyUnused(frontend.Backends[index]);
        return isUsed;
    }

    private int IndexOf(L4Address address)
    {
        for (var i = 0; i < frontend.Backends.Length; i++)
        {
            if (frontend.Backends[i].Address == address)
                return i;
        }

        return -1;
    }

    private string WhyNot(BackendFit fit, ReadOnlySpan<Candidate> same) => fit switch
    {
        BackendFit.OtherProtocol => "of another protocol",
        BackendFit.OtherFamily => "of the other address family",
        BackendFit.OtherPortName => $"its port is named '{same[0].PortName}', that of the frontend '{frontend.PortName}'",
        _ => $"on node '{same[0].Backend.NodeName}', and the traffic policy is Local",
    };

    private string WhyLeftOut(Backend backend) => rules.Health is not null && rules.Health.Judge(service.Name, backend) is null
        ? "its health has not been checked yet"
        : "further away than need be: the service prefers backends that are near, and there are some";

    private static string Why(Backend backend)
    {
        var state = backend.State is BackendState.Terminating ? "terminating, but it still serves and no backend is active" : "active";
        return backend.Weight == Backend.DefaultWeight ? state : $"{state}, weight {backend.Weight}";
    }

    private string WhyUnused(Backend backend) => backend switch
    {
        { IsUnhealthy: true } => "unhealthy: its health check fails",
        { State: BackendState.Terminating } => "terminating, and others are active",
        { State: BackendState.TerminatingNotServing } => "terminating, and no longer serving",
        _ when HasNoWeight(backend.Address) => "taken out of service by weight 0",
        _ => "not ready",
    };

    /// <summary>Whether a slice with weight 0 gives the address.</summary>
    private bool HasNoWeight(L4Address address)
    {
        foreach (var slice in service.Slices)
        {
            if (slice.IsOutOfService && Array.Exists(slice.Candidates, candidate => candidate.Backend.Address == address))
                return true;
        }

        return false;
    }
}
