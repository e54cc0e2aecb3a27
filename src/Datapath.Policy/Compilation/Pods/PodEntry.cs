namespace Datapath.Policy;

/// <summary>A pod and what became of it.</summary>
internal sealed class PodEntry(ObjectKey key)
{
    public ObjectKey Key { get; } = key;

    public PodName Name { get; } = new(key.Namespace, key.Name);

    /// <summary>The pod; <see langword="null"/> if it is gone or invalid.</summary>
    public Pod? Pod { get; set; }

    /// <summary>Why the pod is refused; <see langword="null"/> if it is not.</summary>
    public string? Rejection { get; set; }

    /// <summary>Whether it runs on this node.</summary>
    public bool IsLocal { get; set; }

    /// <summary>What it is in the desired state now; <see langword="null"/> if it is not there.</summary>
    public LocalPod? Compiled { get; set; }

    /// <summary>Its host ports that are served, or would be if the port were free.</summary>
    public List<HostPortEntry> HostPorts { get; } = [];

    /// <summary>Whether it was deleted. It stays known to the end of the batch, in which it may come back.</summary>
    public bool IsGone => Pod is null && Rejection is null;

    public ObjectStatus? Status { get; set; }
}
