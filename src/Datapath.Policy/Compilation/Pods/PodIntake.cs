namespace Datapath.Policy;

/// <summary>Takes pods in.</summary>
internal sealed class PodIntake(CompilerInputs inputs)
{
    /// <summary>Pods that may be others in the desired state now.</summary>
    public WorkList<PodEntry> ToCompile { get; } = new();

    /// <summary>Pods whose status may be another now.</summary>
    public WorkList<PodEntry> ToJudge { get; } = new();

    /// <summary>Whether the pod is valid, and as it was.</summary>
    public bool Knows(Pod pod) => inputs.Pods.TryGetValue(new(pod.Metadata.Namespace, pod.Metadata.Name), out var entry) && pod.Equals(entry.Pod);

    public void Upsert(Pod pod, string? rejection)
    {
        var name = new PodName(pod.Metadata.Namespace, pod.Metadata.Name);
        if (!inputs.Pods.TryGetValue(name, out var entry))
            inputs.Pods.Add(name, entry = new(pod.Key));
        entry.Rejection = rejection;
        Set(entry, rejection is null ? pod : null);
    }

    public void Delete(PodName name)
    {
        if (!inputs.Pods.TryGetValue(name, out var entry))
            return;
        entry.Rejection = null;
        Set(entry, pod: null);
    }

    /// <summary>Looks at all pods again: the node is another one.</summary>
    public void PlanAgain()
    {
        foreach (var entry in inputs.Pods.Values)
        {
            if (entry.Pod is not null)
                Set(entry, entry.Pod);
        }
    }

    /// <summary>Looks again at the pods of a namespace that says another thing about them.</summary>
    public void OnNamespaceChanged(string name)
    {
        foreach (var entry in inputs.LocalPods.In(name))
            ToCompile.Add(entry);
    }

    private void Set(PodEntry entry, Pod? pod)
    {
        var before = entry.IsLocal ? entry.Pod : null;
        entry.Pod = pod;
        entry.IsLocal = pod is not null && inputs.Node.Runs(pod);
        if (entry.IsLocal)
            inputs.LocalPods.Add(entry);
        else if (before is not null)
            inputs.LocalPods.Remove(entry);
        if (before is not null || entry.IsLocal)
        {
            inputs.Redirects.OnPodChanged(before, entry.IsLocal ? pod : null);
            ToCompile.Add(entry);
            SetHostPorts(entry);
        }

        ToJudge.Add(entry);
    }

    private void SetHostPorts(PodEntry entry)
    {
        var wanted = entry.Pod is null ? [] : HostPortPlanner.Plan(entry.Pod, inputs.Node);
        foreach (var held in entry.HostPorts)
        {
            if (!wanted.Remove(held.Name, out var frontends))
                frontends = [];
            Set(held, frontends);
        }

        foreach (var (name, frontends) in wanted)
        {
            var added = new HostPortEntry(name, entry);
            entry.HostPorts.Add(added);
            Set(added, frontends);
        }
    }

    private void Set(HostPortEntry entry, HostPortFrontend[] frontends)
    {
        var priority = entry.Pod.Pod is { } pod ? ClaimPriority.Of(pod) : entry.Priority;
        entry.Frontends = frontends;
        inputs.Claims.Update(entry, [.. frontends.Select(static frontend => frontend.Address)], priority);
        inputs.MarkDirty(entry);
    }
}
