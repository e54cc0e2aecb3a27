namespace Datapath.Policy;

/// <summary>Makes of a pod of this node what the datapath has to know of it.</summary>
internal static class LocalPodCompiler
{
    /// <summary>The pod in the desired state; <see langword="null"/> if it is not there.</summary>
    public static LocalPod? Compile(PodEntry entry, SwitchedOffNamespaces exempt)
    {
        if (!entry.IsLocal || entry.Pod is not { IsFinished: false } pod)
            return null;
        return new(entry.Name)
        {
            Uid = pod.Metadata.Uid ?? "",
            IsHostNetwork = pod.Spec.HostNetwork,
            Addresses = [.. pod.AllAddresses.Select(static ip => ip.WithPort(0, L4Protocol.Tcp).Address).Distinct()],
            IsExempt = exempt.Contain(pod),
        };
    }
}
