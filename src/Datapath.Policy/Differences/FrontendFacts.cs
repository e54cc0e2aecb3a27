using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Something that can be said of a frontend. Two of one subject are the same thing before and after.</summary>
internal readonly record struct FrontendFact(string Subject, string Value)
{
    public override string ToString() => Value.Length == 0 ? Subject : $"{Subject}: {Value}";
}

/// <summary>Takes frontends apart into what can be said of them.</summary>
internal static class FrontendFacts
{
    public static IReadOnlyList<FrontendFact> Of(Frontend frontend)
    {
        var facts = new List<FrontendFact> { new("type", frontend.Type.ToString()) };
        if (frontend.PortName.Length > 0)
            facts.Add(new("port name", frontend.PortName));
        if (frontend.Flags is not FrontendFlags.None)
            facts.Add(new("flags", frontend.Flags.ToString()));
        if (frontend.UsesMaglev || frontend.Algorithm is not null)
            facts.Add(new("algorithm", Algorithm(frontend)));
        if (frontend.AffinitySeconds > 0)
            facts.Add(new("session affinity", $"{frontend.AffinitySeconds} s"));
        if (frontend.StaleTcp is { } policy)
            facts.Add(new("stale TCP connections", policy.ToString()));
        if (frontend.GuardsAddress)
            facts.Add(new("other ports of the address", "refused"));
        if (frontend.IsAtNode)
            facts.Add(new("address of the node", ""));
        facts.AddRange(frontend.SourceRanges.Select(static range => new FrontendFact($"source range {range}", "")));
        facts.AddRange(frontend.NodeAddresses.Select(static address => new FrontendFact($"served at {address}", "")));
        facts.AddRange(frontend.OtherNodeAddresses.Select(static address => new FrontendFact($"served at {address} of another node", "")));
        facts.AddRange(frontend.Backends.Select((backend, index) => Of(backend, index < frontend.UsableCount)));
        AddRedirects(facts, frontend.Redirects);
        return facts;
    }

    public static IReadOnlyList<FrontendFact> Of(FrontendRange range)
    {
        var facts = new List<FrontendFact>();
        AddRedirects(facts, range.Redirects);
        return facts;
    }

    private static string Algorithm(Frontend frontend)
    {
        var name = frontend.UsesMaglev ? nameof(LoadBalancingAlgorithm.Maglev) : nameof(LoadBalancingAlgorithm.Random);
        return frontend.Algorithm is null ? name : $"{name}, as the service says";
    }

    private static void AddRedirects(List<FrontendFact> facts, ImmutableArray<Redirect> redirects)
    {
        if (redirects.Length > 1)
            facts.Add(new("order of policies", string.Join(", ", redirects.Select(static redirect => Wording.PolicyOf(redirect.Policy)))));
        foreach (var redirect in redirects)
        {
            var name = Wording.Describe(redirect.Policy);
            facts.Add(new(name, redirect.Backends.IsEmpty ? "refuses dials" : "redirects"));
            if (!redirect.Clients.IsEverybody)
                facts.Add(new($"{name} clients", Words(redirect.Clients)));
            if (redirect.RefusesWithoutBackends)
                facts.Add(new($"{name} without backends", "refused"));
            if (!redirect.SkippedPods.IsEmpty)
                facts.Add(new($"{name} skips", string.Join(", ", redirect.SkippedPods)));
            facts.AddRange(redirect.Backends.Select(backend => new FrontendFact($"{name} backend {backend.Address}", "")));
        }
    }

    private static FrontendFact Of(Backend backend, bool isUsed)
    {
        var weight = backend.Weight == Backend.DefaultWeight ? "" : $", weight {backend.Weight}";
        return new($"backend {backend.Address}", Words(backend, isUsed) + weight);
    }

    private static string Words(Backend backend, bool isUsed) => backend switch
    {
        { IsUnhealthy: true } => "unhealthy",
        { State: BackendState.Active } => "active",
        { State: BackendState.Terminating } => isUsed ? "terminating, still in use" : "terminating",
        { State: BackendState.TerminatingNotServing } => "terminating, no longer serving",
        _ => "not ready",
    };

    private static string Words(RedirectClients clients)
    {
        var pods = string.Join(", ", clients.Pods);
        var who = clients.AllPodsExcept ? clients.Pods.IsEmpty ? "all pods" : $"all pods but {pods}" : clients.Pods.IsEmpty ? "no pod" : pods;
        return clients.HostProcesses ? $"{who}; host processes" : who;
    }
}
