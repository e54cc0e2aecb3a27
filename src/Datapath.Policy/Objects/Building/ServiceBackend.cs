namespace Datapath.Policy;

/// <summary>A backend of a service that is made in code. Immutable, and checked when it is compiled.</summary>
/// <param name="Address">Its address, of either family. It identifies the backend within its service.</param>
public sealed record ServiceBackend(string Address)
{
    /// <summary>Its part of new connections in proportion to the other backends', 0 to 65535; 0 takes it out of service. Default: 100.</summary>
    public int Weight { get; init; } = EndpointSlice.DefaultWeight;

    /// <summary>What it may be used for. Default: new connections.</summary>
    public BackendState State { get; init; }

    /// <summary>The node it runs on. Default: none, and then it is local everywhere.</summary>
    public string? NodeName { get; init; }

    /// <summary>The zone it runs in. Default: none.</summary>
    public string? Zone { get; init; }

    internal Endpoint ToEndpoint() => new() { Addresses = [Address], NodeName = NodeName, Zone = Zone, Conditions = EndpointConditions.Of(State) };
}
