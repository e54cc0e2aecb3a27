namespace Datapath.Linux.Bpf;

/// <summary>How many elements one call of the kernel is asked for.</summary>
internal static class PortionSize
{
    private const long Bytes = 4 << 20;

    /// <summary>As many as a caller wants, unless they are large: then fewer, but at least one.</summary>
    /// <param name="most">The most.</param>
    /// <param name="maxEntries">Room of the map.</param>
    /// <param name="elementSize">Bytes of a key with its values.</param>
    public static int First(int most, uint maxEntries, long elementSize) =>
        (int)Math.Clamp(Bytes / Math.Max(1, elementSize), 1, Math.Max(1, Math.Min((uint)most, maxEntries)));
}
