using System.Net;

namespace Datapath;

/// <summary>What gave an address of a packet its class.</summary>
/// <param name="Class">The number of the class.</param>
/// <param name="Prefix">The longest prefix that contains the address; <see langword="null"/> if none does.</param>
/// <param name="Interface">The pattern that means the interface by which the packet came in; <see langword="null"/> if that did not matter.</param>
public readonly record struct MasqueradeMatch(byte Class, IPNetwork? Prefix = null, string? Interface = null);
