using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A C# type does not fit the map that it was meant for. The kernel would read or write past it, or take padding for a part of the key.
/// </summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class MapLayoutException : ArgumentException
{
    private MapLayoutException(string message)
        : base(message)
    {
    }

    internal static void ThrowUnless(bool fits, MapInfo map, string reason)
    {
        if (!fits)
            throw new MapLayoutException($"map '{map.Name}' ({map.Type}): {reason}");
    }

    internal static void ThrowIfSizeDiffers<T>(MapInfo map, string part, uint size)
        where T : unmanaged =>
        ThrowUnless(Unsafe.SizeOf<T>() == size, map, $"{part} has {size} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}");

    /// <summary>Refuses a type that records are read as if its fields do not keep their order.</summary>
    /// <param name="source">Whose records they are.</param>
    internal static void ThrowIfArranged<T>(string source)
        where T : unmanaged
    {
        if (FieldOrder<T>.Text is { } order)
            throw new MapLayoutException($"records of '{source}': {order}");
    }

    internal static void ThrowIfPadded<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>(MapInfo map, string part)
        where T : unmanaged => ThrowIfPadded<T>(map.Name, map.Type, part);

    internal static void ThrowIfPadded<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>(string map, MapType type, string part)
        where T : unmanaged
    {
        if (FieldOrder<T>.Text is { } order)
            throw new MapLayoutException($"map '{map}' ({type}): {part}: {order}");
        if (StructPadding<T>.Text is { } padding)
            throw new MapLayoutException($"map '{map}' ({type}): {part} {typeof(T).Name} has {padding}; make it a field of its own");
    }
}
