namespace Datapath.Policy;

/// <summary>A backend of a service that is made in code. Immutable, and checked when it is compiled.</summary>
/// <param name="Address">Its address, of either family. It identifies the backend within its service.</param>
/// <exception cref="ArgumentNullException">The address is <see langword="null"/>. One that is empty, or none, is refused with its service.</exception>
public sealed record ServiceBackend(string Address)
{
    /// <summary>Its address, of either family. It identifies the backend within its service.</summary>
    public string Address { get; init => field = NotNull(value); } = NotNull(Address);

    /// <summary>
    /// Its part of new connections in proportion to the other backends', 0 to 65535; 0 takes it out of service, and ends the connected UDP sockets to it (with
    /// <see cref="StaleTcpPolicy.Always"/> TCP connections too). Default: 100.
    /// </summary>
    /// <remarks>
    /// Where weights differ, shares are exact for TCP as long as that takes no more than 64 to 128 slots for each backend, and otherwise, as always for UDP, the nearest in whole slots, of which a frontend has at most 131,072. A backend of
    /// weight 1 or more has at least one slot: its share is never less than a 64th to 128th of an even share. 99:1 over two UDP backends gives the second 1 of 128 dials, not 1 of 100.
    /// </remarks>
    public int Weight { get; init; } = EndpointSlice.DefaultWeight;

    /// <summary>What it may be used for. Default: new connections.</summary>
    public BackendState State { get; init; }

    /// <summary>The node it runs on. Default: none, and then it is local everywhere.</summary>
    public string? NodeName { get; init; }

    /// <summary>The zone it runs in. Default: none.</summary>
    public string? Zone { get; init; }

    private static string NotNull(string address)
    {
        ArgumentNullException.ThrowIfNull(address, nameof(Address));
        return address;
    }

    internal Endpoint ToEndpoint() => new() { Addresses = [Address], NodeName = NodeName, Zone = Zone, Conditions = EndpointConditions.Of(State) };
}
