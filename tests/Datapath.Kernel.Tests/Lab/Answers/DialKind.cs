namespace Datapath.Kernel.Tests.Lab;

/// <summary>Dials that must fare alike.</summary>
/// <param name="Pod">The number of the pod that dials.</param>
/// <param name="Destination">What it dials.</param>
internal readonly record struct DialKind(int Pod, L4Address Destination);
