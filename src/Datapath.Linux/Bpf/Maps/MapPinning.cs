namespace Datapath.Linux.Bpf;

/// <summary>Whether a map is shared with whoever loads the object later (<c>LIBBPF_PIN_*</c>).</summary>
/// <remarks>Minimum kernel: none; 4.4 for <see cref="ByName"/>.</remarks>
public enum MapPinning : uint
{
    /// <summary>Each load makes a map of its own.</summary>
    None = 0,

    /// <summary>
    /// The map is pinned under its name in <see cref="BpfLoadOptions.PinDirectory"/>. The first load makes it, all others take the one that is there.
    /// A map of maps then keeps what it holds; the jumps of an array of programs lead to the programs of the last load that succeeded.
    /// </summary>
    ByName = 1,
}
