using System.Net;

namespace Datapath;

/// <summary>A device whose packets are translated.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its number in its network namespace.</param>
/// <param name="IPv4">The address that packets get unless the rules name another; <see langword="null"/> if it has none, so that packets which need one are dropped.</param>
/// <param name="IPv6">The IPv6 address, likewise.</param>
public sealed record MasqueradeDevice(string Name, int Index, IPAddress? IPv4, IPAddress? IPv6);
