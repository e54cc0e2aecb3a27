namespace Datapath.Policy;

/// <summary>Says which redirects are for the client that dials.</summary>
internal sealed class ClientJudge
{
    private readonly PodName? _pod;
    private readonly bool _isHost;

    public ClientJudge(DialClient client, CompilerInputs inputs)
    {
        _pod = client.Pod;
        _isHost = client.Pod is not { } name || (inputs.LocalPods.TryGet(name, out var entry) && entry.Pod!.Spec.HostNetwork);
    }

    /// <summary>Whether the client is one of the backends that the policy leaves alone.</summary>
    public bool IsSkipped(Redirect redirect) => _pod is { } name && redirect.SkippedPods.Contains(name);

    public bool IsMeant(RedirectClients clients)
    {
        if (_isHost)
            return clients.HostProcesses;
        return clients.Pods.Contains(_pod!.Value) != clients.AllPodsExcept;
    }
}
