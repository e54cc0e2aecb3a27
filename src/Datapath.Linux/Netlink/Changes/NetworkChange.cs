namespace Datapath.Linux.Netlink;

/// <summary>
/// Something in a network namespace is new, has changed, or is gone; what it is, the type says. A value that
/// <see cref="IsRemoval"/> does not mark is the whole new state, whether the thing is new or has changed.
/// </summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public abstract record NetworkChange
{
    private protected NetworkChange()
    {
    }

    /// <summary>Whether the thing is gone; the value is the last that was known of it.</summary>
    public bool IsRemoval { get; init; }
}

/// <summary>An interface. One that moves to another namespace is gone from this one.</summary>
/// <param name="Link">The interface.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record LinkChange(NetworkLink Link) : NetworkChange;

/// <summary>An address of an interface.</summary>
/// <param name="Address">The address.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record AddressChange(NetworkAddress Address) : NetworkChange;

/// <summary>A route, of any table. The kernel does not tell of IPv4 routes that it drops because their interface goes down or away.</summary>
/// <param name="Route">The route.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record RouteChange(NetworkRoute Route) : NetworkChange;

/// <summary>A neighbour, for example when its state changes.</summary>
/// <param name="Neighbour">The neighbour.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NeighbourChange(NetworkNeighbour Neighbour) : NetworkChange;

/// <summary>A forwarding entry of a bridge or a VXLAN interface, for example one that it has learnt.</summary>
/// <param name="Entry">The entry.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ForwardingChange(ForwardingEntry Entry) : NetworkChange;

/// <summary>A routing rule.</summary>
/// <param name="Rule">The rule.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record RuleChange(NetworkRule Rule) : NetworkChange;

/// <summary>
/// The reader was too late and the kernel has dropped changes, of any kind: what is known must be listed again. The changes that follow this
/// value are complete again, so listing when it comes loses nothing.
/// </summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkChangesLost : NetworkChange
{
    internal static readonly NetworkChangesLost Instance = new();

    private NetworkChangesLost()
    {
    }
}
