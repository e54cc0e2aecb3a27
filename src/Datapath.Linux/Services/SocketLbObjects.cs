using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>Where the programs and maps of socket load balancing come from: from this package, unless a test has those of another version.</summary>
internal sealed record SocketLbObjects
{
    /// <summary>Those of this package.</summary>
    public static SocketLbObjects OfPackage { get; } = new();

    /// <summary>The programs at the hooks, and the maps.</summary>
    public Func<BpfObjectSpec> SocketLb { get; init; } = static () => BpfObjectSpec.Parse(SocketLbObject.Read());

    /// <summary>The programs that end stale sockets.</summary>
    public Func<BpfObjectSpec> StaleSockets { get; init; } = static () => BpfObjectSpec.Parse(StaleSocketsObject.Read());

    /// <summary>The program that notes which backends do not take connections.</summary>
    public Func<BpfObjectSpec> ConnectFallback { get; init; } = static () => BpfObjectSpec.Parse(ConnectFallbackObject.Read());
}
