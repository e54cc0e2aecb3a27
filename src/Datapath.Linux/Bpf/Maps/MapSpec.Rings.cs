namespace Datapath.Linux.Bpf;

public sealed partial record MapSpec
{
    /// <summary>A ring buffer from programs to user space. Minimum kernel: 5.8.</summary>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <param name="size">Bytes: a power of two, and whole pages.</param>
    public static MapSpec RingBuffer(string name, uint size) => Ring(name, MapType.RingBuffer, size);

    /// <summary>A ring buffer from user space to programs. Minimum kernel: 6.1.</summary>
    /// <inheritdoc cref="RingBuffer"/>
    public static MapSpec UserRingBuffer(string name, uint size) => Ring(name, MapType.UserRingBuffer, size);

    // A ring has neither keys nor values.
    private static MapSpec Ring(string name, MapType type, uint size) => new() { Name = name, Type = type, KeySize = 0, ValueSize = 0, MaxEntries = size };
}
