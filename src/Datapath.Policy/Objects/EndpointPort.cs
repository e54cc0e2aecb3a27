namespace Datapath.Policy;

/// <summary>A port that all endpoints of an <see cref="EndpointSlice"/> serve.</summary>
public sealed record EndpointPort
{
    /// <summary>The name of the service port that it belongs to. Default: empty, which fits every service port.</summary>
    public string Name { get; init; } = "";

    /// <summary>The port number, 1 to 65535. <see langword="null"/> means "any port" in Kubernetes and adds no backend.</summary>
    public int? Port { get; init; }

    /// <summary>The protocol. Default: TCP.</summary>
    public L4Protocol Protocol { get; init; } = L4Protocol.Tcp;
}
