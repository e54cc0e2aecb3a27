namespace Datapath.Policy;

/// <summary>A port of a <see cref="Service"/>.</summary>
public sealed record ServicePort
{
    /// <summary>The name. Default: empty, which is allowed only if the service has one port.</summary>
    public string Name { get; init; } = "";

    /// <summary>The port that clients dial, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The protocol. Default: TCP.</summary>
    public L4Protocol Protocol { get; init; } = L4Protocol.Tcp;

    /// <summary>The port of the pods. Default: the same as <see cref="Port"/>.</summary>
    public PortReference TargetPort { get; init; }

    /// <summary>What is spoken on the port, for example <c>kubernetes.io/h2c</c>, if anybody said so.</summary>
    public string? AppProtocol { get; init; }

    /// <summary>The port on every node, 1 to 65535. Default: 0, none.</summary>
    public int NodePort { get; init; }
}
