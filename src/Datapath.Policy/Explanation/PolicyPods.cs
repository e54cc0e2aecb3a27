namespace Datapath.Policy;

/// <summary>Says of a policy which pods of this node are its backends, or why none is.</summary>
internal sealed class PolicyPods(RedirectEntry policy, CompilerInputs inputs)
{
    private readonly RedirectPlan _plan = policy.Plan!;

    private IEnumerable<Pod> Selected => inputs.LocalPods.In(_plan.PodNamespace).Select(static entry => entry.Pod!)
        .Where(pod => _plan.Selector.Matches(pod.Metadata.Labels));

    private IEnumerable<Pod> Ready => Selected.Where(static pod => pod.IsReady && !pod.IsFinished);

    /// <summary>The pods that a backend is.</summary>
    public string Describe(L4Address backend)
    {
        var pods = Ready.Where(pod => pod.AddressesFor(inputs.Node).Any(ip => ip.WithPort(0, L4Protocol.Tcp).IsSameIP(backend))).ToList();
        return pods.Count > 0
            ? $"{Names(pods)}, ready on this node"
            : $"the policy's backendAddress, in place of {Names([.. Ready])}, ready on this node";
    }

    /// <summary>Why the policy has no backend for an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="portName">The name that pairs it with ports of pods; empty if names do not matter.</param>
    public string WhyNone(L4Address address, string portName = "")
    {
        List<Pod> ready = [.. Ready];
        if (ready.Count == 0)
            return Selected.ToList() is { Count: > 0 } selected
                ? $"{Names(selected)} on this node {(selected.Count == 1 ? "is" : "are")} not ready"
                : $"no pod on this node in namespace {_plan.PodNamespace} matches {(_plan.Selector.IsEmpty ? "the empty selector" : $"'{_plan.Selector}'")}";
        if (_plan.Policy is ClusterLocalRedirectPolicy { Backend.BackendAddress: { } text } && IPValue.TryParse(text, out var ip) && ip.IsIPv4 != address.IsIPv4)
            return $"its backendAddress is not of {Wording.Family(address)}";
        if (!policy.Selection.Addresses.Any(candidate => candidate.IsIPv4 == address.IsIPv4))
            return $"{Names(ready)}, ready on this node, {(ready.Count == 1 ? "has" : "have")} no address of {Wording.Family(address)}";
        var named = portName.Length == 0 ? "" : $" named '{portName}'";
        return $"{Names(ready)}, ready on this node, {(ready.Count == 1 ? "declares" : "declare")} none of its {Wording.Upper(address.Protocol)} ports{named}";
    }

    private static string Names(List<Pod> pods) =>
        $"{(pods.Count == 1 ? "pod" : "pods")} {string.Join(", ", pods.Select(static pod => $"{pod.Metadata.Namespace}/{pod.Metadata.Name}"))}";
}
