using System.Buffers.Binary;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Numbers of types of the running kernel, by kind and name. The file is read when the first is asked for.</summary>
internal sealed class KernelTypes
{
    private const string Path = "/sys/kernel/btf/vmlinux";
    private byte[]? _file;

    /// <summary>The number of a type; 0 if the kernel has none of that kind and name.</summary>
    /// <exception cref="InvalidBpfObjectException">The kernel's file is no BTF.</exception>
    public uint Find(BtfKind kind, string name)
    {
        var bytes = (_file ??= File.ReadAllBytes(Path)).AsSpan();
        if (bytes.Length < 24)
            throw new InvalidBpfObjectException($"'{Path}' is no BTF");
        var types = Part(bytes, bytes[8..]);
        var names = Part(bytes, bytes[16..]);
        var wanted = Encoding.UTF8.GetBytes(name + '\0');
        for (uint id = 1; types.Length >= 12; id++)
        {
            var info = BinaryPrimitives.ReadUInt32LittleEndian(types[4..]);
            var nameOffset = BinaryPrimitives.ReadUInt32LittleEndian(types);
            if ((BtfKind)((info >> 24) & 0x1f) == kind && nameOffset < names.Length && names[(int)nameOffset..].StartsWith(wanted))
                return id;
            types = types[Math.Min(types.Length, LengthOf(info))..];
        }

        return 0;
    }

    private static Span<byte> Part(Span<byte> bytes, ReadOnlySpan<byte> range)
    {
        var start = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + BinaryPrimitives.ReadUInt32LittleEndian(range);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(range[4..]);
        return start + length <= (ulong)bytes.Length
            ? bytes.Slice((int)start, (int)length)
            : throw new InvalidBpfObjectException($"'{Path}': {length} bytes at {start} do not fit {bytes.Length}");
    }

    private static int LengthOf(uint info)
    {
        var count = (int)(info & 0xffff);
        return 12 + (BtfKind)((info >> 24) & 0x1f) switch
        {
            BtfKind.Int or BtfKind.Var or BtfKind.DeclTag => 4,
            BtfKind.Array => 12,
            BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 12 * count,
            BtfKind.Enum or BtfKind.FuncProto => 8 * count,
            _ => 0,
        };
    }
}
