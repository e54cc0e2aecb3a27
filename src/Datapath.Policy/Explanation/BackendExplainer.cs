namespace Datapath.Policy;

/// <summary>Says of each backend of a service whether a frontend uses it, and why not.</summary>
internal sealed class BackendExplainer(CompilerInputs inputs)
{
    public void Say(ServiceName service, Frontend frontend, ExplanationBuilder steps)
    {
        if (!inputs.Services.TryGetValue(service, out var entry) || entry.Plan is not { } plan)
        {
            foreach (var backend in frontend.Backends)
                steps.Say(ExplanationTopic.Backend, applies: true, backend.Address.ToString(), "an address of the pod");
            return;
        }

        var wanted = new FrontendPlan(frontend.Address, frontend.PortName, frontend.Type, frontend.Scope);
        var key = BackendKey.Of(frontend.Address, frontend.PortName, wanted.IsLocal(plan.Service.Spec));
        var candidates = new CandidateMerger();
        candidates.Load(entry.Slices);
        if (candidates.Merged.IsEmpty)
            steps.Say(ExplanationTopic.Backend, applies: false, $"service {service}", "no endpoint slice has an endpoint for it");
        var others = 0;
        var groups = new CandidateGroups(candidates.Merged);
        while (groups.TryNext(out var same))
        {
            // What other ports of the service lead to is of interest only where nothing is left.
            if (!frontend.Backends.IsEmpty && key.Judge(same, inputs.Node.Name) is (BackendFit.OtherProtocol or BackendFit.OtherPortName))
            {
                others++;
                continue;
            }

            var (applies, reason) = Judge(same, key, frontend);
            steps.Say(ExplanationTopic.Backend, applies, same[0].Backend.Address.ToString(), reason);
        }

        if (others > 0)
            steps.Say(ExplanationTopic.Backend, applies: false, others == 1 ? "1 more" : $"{others} more", "for other ports of the service");
    }

    private (bool Applies, string Reason) Judge(ReadOnlySpan<Candidate> same, BackendKey key, Frontend frontend)
    {
        var fit = key.Judge(same, inputs.Node.Name);
        var backend = same[0].Backend;
        if (fit is not BackendFit.Fits)
            return (false, Words(fit, same, key));
        var index = IndexOf(frontend, backend.Address);
        if (index < 0)
            return (false, WhyLeftOut(backend));
        if (index < frontend.UsableCount)
            return (true, frontend.Backends[index].State is BackendState.Terminating ? "terminating, but it still serves and no backend is active" : "active");
        return (false, WhyUnused(frontend.Backends[index]));
    }

    private static int IndexOf(Frontend frontend, L4Address address)
    {
        for (var i = 0; i < frontend.Backends.Length; i++)
        {
            if (frontend.Backends[i].Address == address)
                return i;
        }

        return -1;
    }

    private static string Words(BackendFit fit, ReadOnlySpan<Candidate> same, BackendKey key) => fit switch
    {
        BackendFit.OtherProtocol => "of another protocol",
        BackendFit.OtherFamily => "of the other address family",
        BackendFit.OtherPortName => $"its port is named '{same[0].PortName}', the frontend's '{key.PortName}'",
        _ => $"on node '{same[0].Backend.NodeName}', and the traffic policy is Local",
    };

    private string WhyLeftOut(Backend backend) => backend.State is BackendState.Active && !inputs.Node.Configuration.ServiceTopology
        ? "its health has not been checked yet"
        : "further away than need be: the service prefers backends that are near, and there are some";

    private static string WhyUnused(Backend backend) => backend switch
    {
        { IsUnhealthy: true } => "unhealthy: its health check fails",
        { State: BackendState.Terminating } => "terminating, and others are active",
        { State: BackendState.TerminatingNotServing } => "terminating, and no longer serving",
        _ => "not ready",
    };
}
