namespace Datapath.Policy;

/// <summary>Says of each backend of a service whether a frontend uses it, and why not.</summary>
internal sealed class BackendExplainer(CompilerInputs inputs, ExplanationBuilder steps)
{
    public void Say(ServiceName service, Frontend frontend)
    {
        if (inputs.Services.TryGetValue(service, out var entry) && entry.Plan is { } plan)
        {
            Say(entry, plan, frontend);
            return;
        }

        foreach (var backend in frontend.Backends)
            Say(applies: true, backend.Address.ToString(), $"the container port of {Wording.Describe(service)}");
    }

    private void Say(ServiceEntry entry, ServicePlan plan, Frontend frontend)
    {
        var isLocal = new FrontendPlan(frontend.Address, frontend.PortName, frontend.Type, frontend.Scope).IsLocal(plan.Service.Spec);
        var judge = new BackendJudge(entry, BackendRules.Of(plan, inputs.Node, inputs.Health), frontend, isLocal);
        var candidates = new CandidateMerger();
        candidates.Load(entry.Slices);
        if (candidates.Merged.IsEmpty)
            Say(applies: false, $"service {entry.Name}", "no endpoint slice has an endpoint for it");
        var (otherFamily, otherPort) = (0, 0);
        var groups = new CandidateGroups(candidates.Merged);
        while (groups.TryNext(out var same))
        {
            var fit = judge.Fit(same);

            // What cannot come into question is of interest only where nothing is left.
            if (!frontend.Backends.IsEmpty && fit is BackendFit.OtherFamily)
                otherFamily++;
            else if (!frontend.Backends.IsEmpty && fit is BackendFit.OtherProtocol or BackendFit.OtherPortName)
                otherPort++;
            else
                Say(judge.Uses(same, out var reason), same[0].Backend.Address.ToString(), reason);
        }

        SayOthers(otherPort, "for other ports of the service");
        SayOthers(otherFamily, "for the other address family");
    }

    private void SayOthers(int count, string reason)
    {
        if (count > 0)
            Say(applies: false, $"{count} more", reason);
    }

    private void Say(bool applies, string subject, string reason) => steps.Say(ExplanationTopic.Backend, applies, subject, reason);
}
