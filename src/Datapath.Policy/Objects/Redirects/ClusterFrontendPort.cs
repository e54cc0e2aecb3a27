namespace Datapath.Policy;

/// <summary>A port, or a range of them, that clients dial.</summary>
public sealed record ClusterFrontendPort
{
    /// <summary>The port, or the first of a range, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The last port of a range, at least <see cref="Port"/>. Default: <see langword="null"/>, it is one port.</summary>
    public int? EndPort { get; init; }

    /// <summary>The protocol, TCP or UDP. Default: TCP.</summary>
    public L4Protocol Protocol { get; init; } = L4Protocol.Tcp;

    /// <summary>
    /// The name of the port in <see cref="ClusterRedirectBackend.Ports"/> that it leads to, in lower case. Default: empty, which is
    /// allowed if the backend has no ports (then the number stays) or one port of this protocol (then it is that one).
    /// </summary>
    public string BackendPort { get; init => field = value.ToLowerInvariant(); } = "";
}
