namespace Datapath;

/// <summary>A place that a frontend's traffic can go to.</summary>
/// <param name="Address">
/// Where it listens. Same protocol and family as its frontend. Port 0, only among the backends of a redirect, is the port that was dialled.
/// </param>
/// <param name="State">What it may be used for.</param>
/// <param name="NodeName">The node it runs on, if known.</param>
public sealed record Backend(L4Address Address, BackendState State = BackendState.Active, string? NodeName = null)
{
    /// <summary>The weight of a backend that has none of its own.</summary>
    public const int DefaultWeight = 100;

    /// <summary>Its part of new connections in proportion to the other backends', 1 to 65535. Default: 100.</summary>
    public int Weight { get; init; } = DefaultWeight;

    /// <summary>Whether a health check failed: it takes no new connections, whatever its state. Default: <see langword="false"/>.</summary>
    public bool IsUnhealthy { get; init; }
}
