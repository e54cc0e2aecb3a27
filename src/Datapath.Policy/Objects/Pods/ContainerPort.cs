namespace Datapath.Policy;

/// <summary>A port that a <see cref="Container"/> says it serves.</summary>
public sealed record ContainerPort
{
    /// <summary>The name. Default: empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The port on the pod's addresses (<c>containerPort</c>), 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The port of the node that leads to it, 1 to 65535. Default: 0, none.</summary>
    public int HostPort { get; init; }

    /// <summary>The address of the node that <see cref="HostPort"/> is on. Default: none, then it is on all of them.</summary>
    public string? HostIP { get; init; }

    /// <summary>The protocol. Default: TCP.</summary>
    public L4Protocol Protocol { get; init; } = L4Protocol.Tcp;
}
