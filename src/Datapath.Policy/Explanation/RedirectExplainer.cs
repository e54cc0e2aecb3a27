using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Says which policies redirect a dial, and why others do not.</summary>
internal sealed class RedirectExplainer(CompilerInputs inputs)
{
    /// <summary>The first redirect that is for the client; <see langword="null"/> if none is, or the client is left alone.</summary>
    public static Redirect? Choose(ImmutableArray<Redirect> redirects, ClientJudge client, ExplanationBuilder steps)
    {
        foreach (var redirect in redirects)
        {
            var name = $"policy {NameOf(redirect.Policy)}";
            if (!client.IsMeant(redirect.Clients))
            {
                steps.Say(ExplanationTopic.Redirect, applies: false, name, "is for other clients (clientSelector)");
                continue;
            }

            if (client.IsSkipped(redirect))
            {
                steps.Say(ExplanationTopic.Redirect, applies: false, name, "leaves its own backends alone, and the client is one (skipRedirectFromBackend)");
                return null;
            }

            steps.Say(ExplanationTopic.Redirect, applies: true, name, redirect.Backends.IsEmpty ? "has no backend and refuses dials then" : $"redirects to {Count(redirect.Backends.Length, "backend")}");
            foreach (var backend in redirect.Backends)
                steps.Say(ExplanationTopic.Backend, applies: true, backend.Address.ToString(), "a ready pod on this node");
            return redirect;
        }

        return null;
    }

    /// <summary>The name of a policy, from that of the service that it stands for.</summary>
    public static string NameOf(ServiceName pseudoService)
    {
        var name = pseudoService.Name[..pseudoService.Name.LastIndexOf(':')];
        return pseudoService.Namespace.Length == 0 ? name : $"{pseudoService.Namespace}/{name}";
    }

    /// <summary>Says why policies that mean the frontend are not among its redirects.</summary>
    public void SayOthers(ServiceName service, Frontend frontend, ExplanationBuilder steps)
    {
        foreach (var (policy, backends) in Candidates(service, frontend))
        {
            if (frontend.Redirects.Any(redirect => redirect.Policy == policy.Name))
                continue;
            steps.Say(ExplanationTopic.Redirect, applies: false, $"policy {NameOf(policy.Name)}", ReasonAgainst(policy, frontend, backends));
        }
    }

    private IEnumerable<(RedirectEntry Policy, ImmutableArray<Backend> Backends)> Candidates(ServiceName service, Frontend frontend)
    {
        if (inputs.Services.TryGetValue(service, out var entry))
        {
            foreach (var policy in entry.Redirects ?? [])
                yield return (policy, policy.Plan!.Select(policy.Selection, service, frontend.Address, frontend.PortName));
        }

        foreach (var policy in inputs.Redirects.Entries.Values.Where(static policy => policy.Plan is not null).OrderBy(static policy => policy.Plan!.Priority))
        {
            foreach (var target in policy.Targets.Where(target => target.Key == TargetKey.Of(frontend.Address)))
                yield return (policy, policy.Plan!.Select(policy.Selection, target.Claims.Find(claim => ReferenceEquals(claim.Policy, policy)).Plan));
        }
    }

    private string ReasonAgainst(RedirectEntry policy, Frontend frontend, ImmutableArray<Backend> backends)
    {
        if (frontend.Type is not (FrontendType.ClusterIP or FrontendType.LocalRedirect))
            return $"redirects cluster addresses only, and this is {frontend.Type}";
        if (backends.IsDefault)
            return "means other ports of the service";
        if (policy.Targets.Exists(target => target.Key == TargetKey.Of(frontend.Address) && target.BlockedBy is not null))
            return "matches the address, which belongs to a service: it has to match the service instead (serviceMatcher)";
        if (!frontend.Redirects.IsEmpty && (!backends.IsEmpty || policy.Plan!.Drops))
            return $"policy {NameOf(frontend.Redirects[^1].Policy)} comes first, and is for everybody";
        return WhyEmpty(policy, frontend);
    }

    private string WhyEmpty(RedirectEntry policy, Frontend frontend)
    {
        var plan = policy.Plan!;
        if (policy.Selection.ReadyPods > 0)
            return $"none of its {Count(policy.Selection.ReadyPods, "ready pod")} has a port for {(frontend.Address.IsIPv4 ? "IPv4" : "IPv6")} {frontend.Address.Protocol.ToString().ToUpperInvariant()} port '{frontend.PortName}'";
        var unready = inputs.LocalPods.In(plan.PodNamespace).Where(pod => plan.Selector.Matches(pod.Pod!.Metadata.Labels)).Select(static pod => pod.Name.ToString()).ToList();
        return unready.Count > 0
            ? $"its pods on this node are not ready: {string.Join(", ", unready)}"
            : $"no pod on this node in namespace {plan.PodNamespace} matches '{plan.Selector}'";
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
