using System.Buffers.Binary;
using System.Text;

namespace Datapath.Linux.Masquerade;

/// <summary>All values that begin with some bits, and their class: a network, or names of interfaces.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Length">How many bits they share.</param>
/// <param name="Class">The number of the class.</param>
internal readonly record struct BitPrefix(UInt128 First, int Length, byte Class)
{
    /// <summary>The number of bytes of a name of an interface, with zeros behind it.</summary>
    public const int NameLength = 16;

    public static BitPrefix Of(MasqueradePrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = prefix.Prefix.BaseAddress.TryWriteBytes(bytes, out var length);
        return new(length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes), prefix.Prefix.PrefixLength, prefix.Class);
    }

    /// <summary>The names that a pattern means. A whole name shares all bits, so that it comes before patterns, and a longer pattern before a shorter.</summary>
    /// <returns><see langword="null"/> if no interface can be called so, because names are shorter.</returns>
    public static BitPrefix? Of(MasqueradeInterface pattern)
    {
        var isBeginning = pattern.Pattern.EndsWith('+');
        var name = Encoding.UTF8.GetBytes(isBeginning ? pattern.Pattern[..^1] : pattern.Pattern);
        if (name.Length >= NameLength)
            return null;
        Span<byte> bytes = stackalloc byte[NameLength];
        bytes.Clear();
        name.CopyTo(bytes);
        return new(BinaryPrimitives.ReadUInt128BigEndian(bytes), 8 * (isBeginning ? name.Length : NameLength), pattern.Class);
    }
}
