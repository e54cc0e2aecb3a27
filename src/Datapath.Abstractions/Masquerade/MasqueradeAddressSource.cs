namespace Datapath;

/// <summary>Where the address comes from that a packet is translated to.</summary>
public enum MasqueradeAddressSource
{
    /// <summary>The primary address of the device by which the packet leaves.</summary>
    Device,

    /// <summary>The source address of the route that the packet takes; without one as <see cref="Device"/>.</summary>
    Route,

    /// <summary>Fixed addresses.</summary>
    Fixed,
}
