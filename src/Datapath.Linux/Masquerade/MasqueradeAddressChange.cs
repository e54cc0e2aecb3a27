using System.Net;

namespace Datapath.Linux;

/// <summary>A device translates to another address than before, or an address that flows were translated to is gone from the machine.</summary>
/// <param name="Device">The name of the device.</param>
/// <param name="Old">The address before.</param>
/// <param name="New">The address that new flows get there; <see langword="null"/>: none, so that packets of the family are dropped.</param>
/// <param name="Flows">How many flows are, or were, translated to the address before.</param>
/// <param name="AreEnded">Whether they were ended, because the machine no longer has the address. Otherwise they go on.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeAddressChange(string Device, IPAddress Old, IPAddress? New, int Flows, bool AreEnded);
