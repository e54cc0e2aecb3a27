namespace Datapath.Policy;

/// <summary>Takes redirect policies in.</summary>
internal sealed class RedirectIntake(CompilerInputs inputs)
{
    private readonly IssueList _issues = new();

    /// <summary>Whether the policy is as it was.</summary>
    public bool Knows(KubernetesObject policy) => inputs.Redirects.Entries.TryGetValue(policy.Key, out var entry) && policy.Equals(entry.Policy);

    public void Upsert(KubernetesObject policy, string? rejection)
    {
        if (!inputs.Redirects.Entries.TryGetValue(policy.Key, out var entry))
            inputs.Redirects.Entries.Add(policy.Key, entry = new(policy.Key));
        entry.Policy = policy;
        if (rejection is null)
        {
            Plan(entry);
            return;
        }

        entry.Rejection = rejection;
        inputs.Redirects.SetPlan(entry, plan: null);
    }

    public void Delete(ObjectKey key)
    {
        if (!inputs.Redirects.Entries.TryGetValue(key, out var entry))
            return;
        (entry.Policy, entry.Rejection) = (null, null);
        inputs.Redirects.SetPlan(entry, plan: null);
    }

    /// <summary>Looks at all policies again: the node is another one.</summary>
    /// <param name="isValid">Whether a policy is valid apart from what the node says.</param>
    public void PlanAgain(Func<KubernetesObject, bool> isValid)
    {
        foreach (var entry in inputs.Redirects.Entries.Values)
        {
            if (entry.Policy is not null && isValid(entry.Policy))
                Plan(entry);
        }
    }

    private void Plan(RedirectEntry entry)
    {
        entry.Rejection = ReasonAgainst(entry.Policy!);
        var isOn = entry.Rejection is null && inputs.Node.Configuration.EnableLocalRedirect;
        inputs.Redirects.SetPlan(entry, isOn ? PlanOf(entry.Policy!) : null);
    }

    private static RedirectPlan PlanOf(KubernetesObject policy) => policy is CiliumLocalRedirectPolicy namespaced
        ? NamespacedRedirect.Of(namespaced)
        : ClusterRedirect.Of((ClusterLocalRedirectPolicy)policy);

    /// <summary>Which addresses a namespaced policy may take is the node's to say.</summary>
    private string? ReasonAgainst(KubernetesObject policy)
    {
        if (policy is not CiliumLocalRedirectPolicy namespaced)
            return null;
        _issues.Clear();
        CiliumRedirectValidator.ValidateAllowed(namespaced, inputs.Node.AllowedRanges, _issues);
        return _issues.HasErrors ? _issues.ErrorText() : null;
    }
}
