using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Walks the way of a dial through the compiled state.</summary>
internal sealed class Explainer(CompilerInputs inputs, DesiredState state)
{
    private readonly FrontendFinder _finder = new(inputs, state);

    public Explanation Explain(DialClient client, L4Address destination)
    {
        var steps = new ExplanationBuilder(client, destination);
        SayClient(steps);
        var clients = new ClientJudge(client, inputs);
        if (_finder.Find(destination) is { } found)
        {
            _finder.SayOthers(found, steps);
            return Explain(found.Service, found.Frontend, clients, steps);
        }

        if (_finder.FindRange(destination) is { } range)
        {
            steps.Say(ExplanationTopic.Frontend, applies: true, range.ToString(), "the most special range that contains the destination; no frontend has it alone");
            return RedirectExplainer.Choose(range.Redirects, clients, steps) is { } redirect
                ? End(redirect, steps)
                : steps.Direct("no redirect of the range is for this client");
        }

        _finder.SayNearMisses(destination, steps);
        return _finder.FindGuard(destination) is { } guard
            ? steps.Refused($"the address belongs to service {guard}, which does not have this port")
            : steps.Direct("it is no frontend");
    }

    private void SayClient(ExplanationBuilder steps)
    {
        if (steps.Client.Pod is not { } name)
            steps.Say(ExplanationTopic.Client, applies: true, "host", "a process of the host itself");
        else if (!inputs.Pods.TryGetValue(name, out var entry) || entry.Pod is not { } pod)
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", "is not known: it is taken for a pod that no policy lists");
        else if (!entry.IsLocal)
            steps.Say(ExplanationTopic.Client, applies: false, $"pod {name}", $"runs on node '{pod.Spec.NodeName}': this is what node '{inputs.Node.Name}' would do");
        else
            steps.Say(ExplanationTopic.Client, applies: true, $"pod {name}", pod.Spec.HostNetwork ? "runs on this node, on its network: a process of the host" : "runs on this node");
    }

    private Explanation Explain(DesiredService service, Frontend frontend, ClientJudge clients, ExplanationBuilder steps)
    {
        var redirect = RedirectExplainer.Choose(frontend.Redirects, clients, steps);
        new RedirectExplainer(inputs).SayOthers(service.Name, frontend, steps);
        if (redirect is not null)
            return End(redirect, steps);
        if (frontend.Type is FrontendType.LocalRedirect)
            return steps.Direct("no redirect of the address is for this client");
        new BackendExplainer(inputs).Say(service.Name, frontend, steps);
        return frontend.UsableCount == 0
            ? steps.Refused("the frontend has no usable backend")
            : steps.To([.. frontend.Usable], Choice(frontend, inputs));
    }

    private static Explanation End(Redirect redirect, ExplanationBuilder steps)
    {
        if (redirect.Backends.IsEmpty)
            return steps.Refused($"policy {RedirectExplainer.NameOf(redirect.Policy)} has no backend and asks for that (onNoBackend: drop)");
        ImmutableArray<Backend> backends =
        [
            .. redirect.Backends.Select(backend => backend.Address.Port == 0
                ? backend with { Address = backend.Address.WithPort(steps.Destination.Port, backend.Address.Protocol) }
                : backend),
        ];
        return steps.To(backends, $"redirected by policy {RedirectExplainer.NameOf(redirect.Policy)}");
    }

    private static string Choice(Frontend frontend, CompilerInputs inputs)
    {
        var algorithm = frontend.Algorithm ?? inputs.Node.Configuration.Algorithm;
        var how = algorithm is LoadBalancingAlgorithm.Maglev && frontend.UsesMaglev ? "chosen by Maglev" : "chosen at random";
        if (frontend.Usable[0].State is BackendState.Terminating)
            how += "; all are terminating, but still serve";
        return frontend.AffinitySeconds > 0 ? $"{how}; a client stays with its backend for {frontend.AffinitySeconds} s" : how;
    }
}
