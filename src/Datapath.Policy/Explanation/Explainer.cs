namespace Datapath.Policy;

/// <summary>Walks the way of a dial through the compiled state.</summary>
internal sealed class Explainer(CompilerInputs inputs, DesiredState state)
{
    private readonly FrontendFinder _finder = new(state);
    private readonly Surroundings _surroundings = new(inputs, state);

    public Explanation Explain(DialClient client, L4Address destination)
    {
        var steps = new ExplanationBuilder(client, destination);
        SayClient(steps);
        if (IsExempt(client))
        {
            steps.Say(ExplanationTopic.Client, applies: true, Pod.SocketLbAnnotation, "is disabled, by the pod or by its namespace");
            return steps.Direct("the dials of the pod are left alone");
        }

        var judge = new ClientJudge(client, inputs);
        var redirects = new RedirectExplainer(inputs, judge, steps);
        var others = new OtherPolicies(inputs, steps);
        if (_finder.Find(destination, judge.IsHost) is var (service, frontend))
        {
            _surroundings.SayFound(service, frontend, steps);
            return Explain(service, frontend, redirects, others, steps);
        }

        if (_finder.FindRange(destination) is { } range)
        {
            steps.Say(ExplanationTopic.Frontend, applies: true, range.ToString(), "the most special range that contains the address");
            var redirect = redirects.Choose(range.Redirects);
            others.SayTargets(range.Redirects, range: range);
            return redirect is not null ? End(redirect, steps) : steps.Direct(WhyDirect(redirects));
        }

        if (judge.IsHost && _finder.FindOnLoopback(destination) is var (local, port))
        {
            _surroundings.SayFound(local, port, steps);
            return Explain(local, port, redirects, others, steps);
        }

        _surroundings.SayNearMisses(steps);
        others.SayTargets([]);
        others.SayNotInForce(service: null);
        RefusedInputs.Say(inputs.Refusals, steps);
        return _finder.FindGuard(destination) is { } guard
            ? steps.Refused($"the IP address belongs to service {guard}, which has no such port")
            : steps.Direct("nothing is served there");
    }

    private void SayClient(ExplanationBuilder steps)
    {
        if (steps.Client.Pod is not { } name)
            steps.Say(ExplanationTopic.Client, applies: true, "host", "a process of the host itself");
        else if (!inputs.Pods.TryGetValue(name, out var entry) || entry.Pod is not { } pod)
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", "is not known: it is taken for a pod that no policy lists");
        else if (string.IsNullOrEmpty(pod.Spec.NodeName))
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", $"is bound to no node yet: this is what node '{inputs.Node.Name}' would do");
        else if (!entry.IsLocal)
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", $"runs on node '{pod.Spec.NodeName}': this is what node '{inputs.Node.Name}' would do");
        else if (pod.IsFinished)
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", "has ended: this is what would happen if it still ran");
        else
            steps.Say(ExplanationTopic.Client, applies: true, $"pod {name}", pod.Spec.HostNetwork ? "runs on this node, on its network: a process of the host" : "runs on this node");
    }

    private bool IsExempt(DialClient client) =>
        client.Pod is { } name && inputs.Pods.TryGetValue(name, out var entry) && entry.Pod is { } pod && inputs.ExemptNamespaces.Contain(pod);

    private Explanation Explain(DesiredService service, Frontend frontend, RedirectExplainer redirects, OtherPolicies others, ExplanationBuilder steps)
    {
        var redirect = redirects.Choose(frontend.Redirects);
        others.Say(service.Name, frontend);
        if (redirect is not null)
            return End(redirect, steps);
        if (frontend.Type is FrontendType.LocalRedirect)
            return steps.Direct(WhyDirect(redirects));
        if (Surroundings.IsElsewhere(frontend))
            return steps.Direct($"external IPs are served to programs of the node at its own addresses only, unless {nameof(NodeConfiguration.ExternalIPsAnywhere)} (CVE-2020-8554)");
        new BackendExplainer(inputs, steps).Say(service.Name, frontend);
        return frontend.UsableCount == 0
            ? steps.Refused("the frontend has no usable backend")
            : steps.To([.. frontend.Usable], Choice(frontend));
    }

    private static string WhyDirect(RedirectExplainer redirects) =>
        redirects.SkippedBy is { } policy ? $"{policy} leaves the client alone" : "no policy for the address means this client";

    private static Explanation End(Redirect redirect, ExplanationBuilder steps)
    {
        var policy = Wording.Describe(redirect.Policy);
        return redirect.Backends.IsEmpty
            ? steps.Refused($"{policy} wants it so while it has no backend")
            : steps.To([.. redirect.Backends.Select(backend => RedirectExplainer.Dialled(backend, steps.Destination))], $"redirected by {policy}");
    }

    private string Choice(Frontend frontend)
    {
        var algorithm = frontend.Algorithm ?? inputs.Node.Configuration.Algorithm;
        var how = algorithm is LoadBalancingAlgorithm.Maglev && frontend.UsesMaglev ? "chosen by Maglev" : "chosen at random";
        foreach (var backend in frontend.Usable)
        {
            if (backend.Weight == frontend.Usable[0].Weight)
                continue;
            how += ", by weight";
            break;
        }

        if (frontend.Usable[0].State is BackendState.Terminating)
            how += "; all are terminating, but still serve";
        return frontend.AffinitySeconds > 0 ? $"{how}; a client stays with its backend for {frontend.AffinitySeconds} s" : how;
    }
}
