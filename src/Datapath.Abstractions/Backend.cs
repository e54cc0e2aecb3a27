namespace Datapath;

/// <summary>A place that a frontend's traffic can go to.</summary>
/// <param name="Address">Where it listens. Same protocol and family as its frontend; the port is not 0.</param>
/// <param name="State">What it may be used for.</param>
/// <param name="NodeName">The node it runs on, if known.</param>
public sealed record Backend(L4Address Address, BackendState State = BackendState.Active, string? NodeName = null);
