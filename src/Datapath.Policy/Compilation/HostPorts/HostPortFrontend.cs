using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A port that a pod claims on the node.</summary>
/// <param name="Address">Where; the unspecified address for all addresses of the node.</param>
/// <param name="IsLoopback">Whether only the loopback address is meant. <paramref name="Address"/> is the unspecified one then too.</param>
/// <param name="Backends">The addresses of the pod.</param>
internal readonly record struct HostPortFrontend(L4Address Address, bool IsLoopback, ImmutableArray<Backend> Backends);
