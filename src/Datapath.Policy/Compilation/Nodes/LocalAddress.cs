using System.Net;

namespace Datapath.Policy;

/// <summary>An address on a device of the node.</summary>
/// <param name="Address">The address.</param>
/// <param name="NodePort">Whether node ports and host ports are offered there.</param>
public readonly record struct LocalAddress(IPAddress Address, bool NodePort = true);
