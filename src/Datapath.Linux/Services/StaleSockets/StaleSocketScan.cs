namespace Datapath.Linux;

/// <summary>What one walk over the sockets of the machine has done, after backends had left frontends.</summary>
/// <param name="Retired">How many pairs of a frontend and a backend it looked for.</param>
/// <param name="Namespaces">The network namespaces that were walked over.</param>
/// <param name="Udp">The connected UDP sockets that it ended.</param>
/// <param name="Tcp">The TCP connections that it ended.</param>
/// <param name="Duration">How long it took.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record StaleSocketScan(int Retired, int Namespaces, int Udp, int Tcp, TimeSpan Duration);
