using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A frontend as dials from this node see it.</summary>
/// <param name="Address">What is dialed.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Backends">Where dials go, each once. None: they are refused.</param>
internal sealed record SocketFrontend(L4Address Address, FrontendType Type, ImmutableArray<Backend> Backends)
{
    /// <summary>Whether only programs in the host's network namespace are served.</summary>
    public bool IsHostOnly { get; init; }

    /// <summary>How long a client stays with its backend, in seconds; 0 if it does not.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>What is not as with most frontends.</summary>
    public FrontendTraits Traits => new(IsHostOnly ? HeaderFlags.HostOnly : HeaderFlags.None, AffinitySeconds);
}

/// <summary>What is not as with most frontends; what differs stands in a header before the slots.</summary>
/// <param name="Flags">Whom it serves.</param>
/// <param name="AffinitySeconds">How long a client stays with its backend; 0 if it does not.</param>
internal readonly record struct FrontendTraits(HeaderFlags Flags, int AffinitySeconds)
{
    /// <summary>Whether anything differs.</summary>
    public bool NeedsHeader => this != default;
}
