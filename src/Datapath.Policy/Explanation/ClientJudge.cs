namespace Datapath.Policy;

/// <summary>Says which redirects are for the client that dials.</summary>
/// <remarks>
/// The state lists the pods of this node. A pod that is elsewhere, or has ended, is judged by its labels: as if it ran here.
/// </remarks>
internal sealed class ClientJudge
{
    private readonly CompilerInputs _inputs;
    private readonly PodName? _name;
    private readonly Pod? _pod;
    private readonly bool _isListed;

    public ClientJudge(DialClient client, CompilerInputs inputs)
    {
        (_inputs, _name) = (inputs, client.Pod);
        if (_name is not { } name || !inputs.Pods.TryGetValue(name, out var entry))
            return;
        _pod = entry.Pod;
        _isListed = entry.IsLocal && !_pod!.IsFinished;
    }

    /// <summary>Whether the client is a process of the host: also a pod on its network.</summary>
    public bool IsHost => _name is null || _pod is { Spec.HostNetwork: true };

    /// <summary>Whether the client is one of the backends that the policy leaves alone.</summary>
    public bool IsSkipped(Redirect redirect)
    {
        if (_pod is null || _isListed)
            return _name is { } name && redirect.SkippedPods.Contains(name);
        var plan = PlanOf(redirect);
        return plan.Skips && plan.PodNamespace == _pod.Metadata.Namespace && plan.Selector.Matches(_pod.Metadata.Labels);
    }

    public bool IsMeant(Redirect redirect)
    {
        if (IsHost)
            return redirect.Clients.HostProcesses;
        return _pod is null || _isListed
            ? redirect.Clients.Pods.Contains(_name!.Value) != redirect.Clients.AllPodsExcept
            : PlanOf(redirect).Clients.MatchesPod(_inputs.Namespaces.Of(_pod.Metadata.Namespace), _pod.Metadata.Labels);
    }

    private RedirectPlan PlanOf(Redirect redirect) => _inputs.Redirects.Find(redirect.Policy).Plan!;
}
