namespace Datapath.Policy;

/// <summary>A range of ports, both ends included.</summary>
/// <param name="First">The first port.</param>
/// <param name="Last">The last port.</param>
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>Whether the port is in the range.</summary>
    /// <param name="port">The port.</param>
    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>The form <c>30000-32767</c>.</summary>
    public override string ToString() => $"{First}-{Last}";
}
