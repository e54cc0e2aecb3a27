using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>A C# type does not fit the map that it was meant for. The kernel would read or write past it.</summary>
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
}
