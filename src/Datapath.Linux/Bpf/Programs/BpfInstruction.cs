using System.Buffers.Binary;

namespace Datapath.Linux.Bpf;

/// <summary>The parts of an instruction's 8 bytes that linking touches (kernel documentation, "BPF Instruction Set").</summary>
internal static class BpfInstruction
{
    public const int Size = 8;

    /// <summary><c>BPF_LD | BPF_IMM | BPF_DW</c>: the only instruction of two slots, which loads 64 bits.</summary>
    public const byte LoadImmediate64 = 0x18;

    /// <summary><c>BPF_JMP | BPF_CALL</c>; the source register says what is called.</summary>
    public const byte Call = 0x85;

    // Source registers of a two-slot load.
    public const byte SourceMap = 1;
    public const byte SourceMapValue = 2;
    public const byte SourceKernelType = 3;
    public const byte SourceFunction = 4;

    // Source registers of a call; 0 is a helper.
    public const byte CallFunction = 1;
    public const byte CallKernel = 2;

    public static byte Source(ReadOnlySpan<byte> instruction) => (byte)(instruction[1] >> 4);

    public static void SetSource(Span<byte> instruction, byte source) => instruction[1] = (byte)((instruction[1] & 0x0f) | (source << 4));

    public static void SetOffset(Span<byte> instruction, short offset) => BinaryPrimitives.WriteInt16LittleEndian(instruction[2..], offset);

    public static int Immediate(ReadOnlySpan<byte> instruction) => BinaryPrimitives.ReadInt32LittleEndian(instruction[4..]);

    public static void SetImmediate(Span<byte> instruction, int value) => BinaryPrimitives.WriteInt32LittleEndian(instruction[4..], value);
}
