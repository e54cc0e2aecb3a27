using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The steps from a policy to what it does.</summary>
internal sealed class RedirectCompiler(CompilerInputs inputs)
{
    /// <summary>Finds the pods and clients of the policies whose surroundings changed, and marks what depends on them.</summary>
    public void Select()
    {
        foreach (var entry in inputs.Redirects.ToSelect.Drain())
        {
            if (entry.Plan is null)
                continue;
            var selection = Select(entry.Plan);
            if (selection.Equals(entry.Selection))
                continue;
            entry.Selection = selection;
            inputs.Redirects.Touch(entry);
        }
    }

    /// <summary>Decides about the addresses and ranges that policies take over. The claims of services are settled.</summary>
    public void Resolve()
    {
        inputs.Redirects.AddWhatLiesInRanges();
        foreach (var target in inputs.Redirects.ToResolve.Drain())
        {
            Resolve(target);
            foreach (var (policy, _) in target.Claims)
                inputs.Redirects.ToJudge.Add(policy);
        }
    }

    /// <summary>The service that a policy stands for; <see langword="null"/> if the policy is not in force.</summary>
    public static DesiredService? Compile(RedirectEntry entry)
    {
        if (entry.Plan is null)
            return null;
        var owned = entry.Targets.Where(target => ReferenceEquals(target.Owner, entry)).ToArray();
        ImmutableArray<FrontendRange> ranges =
        [
            .. owned.Where(static target => target.Range is not null).OrderBy(static target => target.Key.First)
                .ThenBy(static target => target.Key.PrefixLength).ThenBy(static target => target.Key.LastPort)
                .Select(static target => target.Range!),
        ];
        return new(
            entry.Name,
            [.. owned.Where(static target => target.Frontend is not null).Select(static target => target.Frontend!).OrderBy(static f => f.Address)])
        {
            Ranges = ranges,
        };
    }

    private RedirectSelection Select(RedirectPlan plan)
    {
        var selected = inputs.LocalPods.In(plan.PodNamespace).Select(static entry => entry.Pod!)
            .Where(pod => plan.Selector.Matches(pod.Metadata.Labels) && !pod.IsFinished).ToList();
        var ready = selected.FindAll(static pod => pod.IsReady);
        return new()
        {
            ReadyPods = ready.Count,
            Addresses = [.. ready.SelectMany(pod => pod.AddressesFor(inputs.Node)).Distinct()],
            Backends = plan.Collect(ready, inputs.Node),
            Clients = ClientResolver.Resolve(plan, inputs.LocalPods, inputs.Namespaces),
            SkippedPods = plan.Skips
                ? [.. selected.Select(static pod => new PodName(pod.Metadata.Namespace, pod.Metadata.Name))]
                : [],
        };
    }

    private void Resolve(RedirectTarget target)
    {
        var before = target.Owner;
        (target.Frontend, target.Range, target.BlockedBy) = (null, null, target.Key.IsExact ? BlockerOf(target.Key.First) : null);
        target.Redirects = target.BlockedBy is null ? RedirectResolver.Resolve(inputs.Redirects.ClaimsOn(target)) : [];

        // Where only policies for a wider range are left, the wider range is enough.
        var (owner, plan) = target.Claims.Find(claim => target.Redirects.Any(redirect => redirect.Policy == claim.Policy.Name));
        target.Owner = owner;
        if (owner is not null && target.Key.IsExact)
            target.Frontend = FrontendOf(target.Key.First, plan.PortName, target.Redirects);
        else if (owner is not null)
            target.Range = RangeOf(target.Key, target.Redirects);

        if (before is not null)
            inputs.Redirects.ToCompile.Add(before);
        if (target.Owner is not null)
            inputs.Redirects.ToCompile.Add(target.Owner);
    }

    /// <summary>Who serves the address already: services and host ports come before policies.</summary>
    private Claimant? BlockerOf(L4Address address)
    {
        if (inputs.Claims.HolderOf(address) is { } direct)
            return direct;
        var isOtherNode = inputs.OtherNodes.Contains(address);
        if (!isOtherNode && !inputs.Node.IsNodePort(address))
            return null;
        var unspecified = L4Address.Unspecified(address.IsIPv4, address.Port, address.Protocol);
        return inputs.Claims.HolderOf(unspecified) is { } holder && (isOtherNode ? holder.ServesOtherNodes : holder.ServesNodeAddresses(unspecified))
            ? holder
            : null;
    }

    private Frontend FrontendOf(L4Address address, string portName, ImmutableArray<Redirect> redirects) => new()
    {
        Address = address,
        Type = FrontendType.LocalRedirect,
        Flags = new ServiceOptions(inputs.Node).Flags(address, FrontendType.LocalRedirect),
        PortName = portName,
        Redirects = redirects,
    };

    private static FrontendRange RangeOf(TargetKey key, ImmutableArray<Redirect> redirects) => new(
        new(key.First.Address, key.PrefixLength), key.First.Port, key.LastPort, key.First.Protocol, redirects);
}
