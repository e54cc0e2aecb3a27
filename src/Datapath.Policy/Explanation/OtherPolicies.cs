using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Says of the policies that mean a destination and do not redirect it why they do not.</summary>
internal sealed class OtherPolicies(CompilerInputs inputs, ExplanationBuilder steps)
{
    private IEnumerable<RedirectEntry> InForce => inputs.Redirects.Entries.Values.Where(static policy => policy.Plan is not null).OrderBy(static policy => policy.Plan!.Priority);

    /// <summary>Those that mean the service of a frontend, or its address.</summary>
    public void Say(ServiceName service, Frontend frontend)
    {
        if (inputs.Services.TryGetValue(service, out var entry))
        {
            foreach (var policy in entry.Redirects ?? [])
            {
                if (!IsAmong(policy, frontend.Redirects))
                    Say(policy, ReasonAgainst(policy, service, frontend));
            }
        }

        SayTargets(frontend.Redirects, frontend.Type is FrontendType.LocalRedirect ? null : frontend.Type);
        SayNotInForce(service);
    }

    /// <summary>Those that mean the address or a range that it is in.</summary>
    /// <param name="redirects">What redirects it.</param>
    /// <param name="type">What serves it; <see langword="null"/> if that is a policy or nothing.</param>
    /// <param name="range">The range that serves it.</param>
    public void SayTargets(ImmutableArray<Redirect> redirects, FrontendType? type = null, FrontendRange? range = null)
    {
        foreach (var policy in InForce)
        {
            var target = policy.Targets.Where(target => target.Key.Contains(steps.Destination)).OrderByDescending(static target => target.Key.IsExact)
                .ThenByDescending(static target => target.Key.PrefixLength).FirstOrDefault();
            if (target is not null && !IsAmong(policy, redirects))
                Say(policy, ReasonAgainst(policy, target, redirects, type, range));
        }
    }

    /// <summary>Those that are refused or switched off.</summary>
    public void SayNotInForce(ServiceName? service)
    {
        foreach (var entry in inputs.Redirects.Entries.Values.Where(entry => entry.Plan is null && PolicyText.Names(entry.Policy!, service, steps.Destination)).OrderBy(static entry => entry.Key))
            Say(entry, entry.Rejection is { } reason ? $"is rejected: {reason}" : "is not in force: local redirect is switched off on this node");
    }

    private static bool IsAmong(RedirectEntry policy, ImmutableArray<Redirect> redirects) => redirects.Any(redirect => redirect.Policy == policy.Name);

    private void Say(RedirectEntry policy, string reason) => steps.Say(ExplanationTopic.Redirect, applies: false, Wording.Describe(policy.Name), reason);

    private string ReasonAgainst(RedirectEntry policy, ServiceName service, Frontend frontend)
    {
        if (frontend.Type is not FrontendType.ClusterIP)
            return $"redirects cluster addresses only, and this is {frontend.Type}";
        var backends = policy.Plan!.Select(policy.Selection, service, frontend.Address, frontend.PortName);
        if (backends.IsDefault)
            return "means other ports of the service";
        return backends.IsEmpty && !policy.Plan.Drops
            ? new PolicyPods(policy, inputs).WhyNone(frontend.Address, policy.Plan is NamespacedRedirect { NamesMatter: true } ? frontend.PortName : "")
            : Precedes(frontend.Redirects);
    }

    private string ReasonAgainst(RedirectEntry policy, RedirectTarget target, ImmutableArray<Redirect> redirects, FrontendType? type, FrontendRange? range)
    {
        var wanted = target.Claims.Find(claim => ReferenceEquals(claim.Policy, policy)).Plan;
        if (target.BlockedBy is { } holder)
            return RedirectObstacles.HeldBy(holder, target.Key.First, policy.Policy!);
        if (policy.Plan!.Select(policy.Selection, wanted).IsEmpty && !policy.Plan.Drops)
            return new PolicyPods(policy, inputs).WhyNone(steps.Destination, wanted.PortName);
        if (!target.Key.IsExact && (type is not null || range is null))
            return "means a range that the address is in, and the address has a frontend of its own";
        return range is not null && target.Range != range ? "means a wider range that the address is in" : Precedes(redirects);
    }

    private static string Precedes(ImmutableArray<Redirect> redirects) => $"{Wording.Describe(redirects[^1].Policy)} comes first, and is for everybody";
}
