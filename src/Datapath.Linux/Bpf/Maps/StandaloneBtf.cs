using System.Buffers.Binary;

namespace Datapath.Linux.Bpf;

/// <summary>The smallest types that the kernel accepts for a map that must have types: a key of 32 bits, a value of some bytes.</summary>
/// <remarks>Numbers: kernel documentation, "BPF Type Format (BTF)".</remarks>
internal static class StandaloneBtf
{
    /// <summary>The number of the key's type.</summary>
    public const uint KeyTypeId = 1;

    /// <summary>The number of the value's type.</summary>
    public const uint ValueTypeId = 3;

    private const uint Int = 1U << 24;
    private const uint Array = 3U << 24;
    private const uint HeaderSize = 24;

    /// <summary>Loads the types for values of a size.</summary>
    public static SafeBpfHandle Load(uint valueSize)
    {
        var strings = "\0u32\0u8\0"u8;
        ReadOnlySpan<uint> types =
        [
            1, Int, 4, 32, // "u32": 4 bytes, 32 bits
            5, Int, 1, 8, // "u8": 1 byte, 8 bits
            0, Array, 0, 2, 1, valueSize, // of type 2, indexed by type 1
        ];
        var typesSize = (uint)types.Length * sizeof(uint);
        ReadOnlySpan<uint> header = [0x0001_eb9f, HeaderSize, 0, typesSize, typesSize, (uint)strings.Length];
        var raw = new byte[HeaderSize + typesSize + strings.Length];
        for (var i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(raw.AsSpan(i * sizeof(uint)), header[i]);
        for (var i = 0; i < types.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(raw.AsSpan((int)HeaderSize + (i * sizeof(uint))), types[i]);
        strings.CopyTo(raw.AsSpan((int)(HeaderSize + typesSize)));
        return BtfLoader.Load(raw);
    }
}
