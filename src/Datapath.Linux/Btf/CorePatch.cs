using System.Buffers.Binary;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>Writes an answer into an instruction.</summary>
internal static class CorePatch
{
    public const int InstructionSize = 8;

    /// <summary><c>BPF_LD | BPF_IMM | BPF_DW</c>: the only instruction of two slots.</summary>
    private const byte LoadImmediate64 = 0x18;

    private const byte Call = 0x85;

    /// <summary>Puts the kernel's value where the compiler's stands.</summary>
    /// <returns>What is wrong if the instruction cannot work on this kernel, otherwise <see langword="null"/>.</returns>
    /// <exception cref="InvalidBpfObjectException">The instruction is none that a relocation can be for.</exception>
    public static string? Apply(Span<byte> code, in CoreRelocation relocation, CoreAnswer answer)
    {
        var instruction = At(code, relocation);
        if (answer.Target is not { } value)
            return "does not exist";
        switch (instruction[0] & 7)
        {
            case 1 or 2 or 3: // LDX, ST, STX: the offset
                return ApplyToAccess(instruction, relocation, answer, value);
            case 4 or 7 when (instruction[0] & 8) == 0: // ALU, ALU64 with an immediate
                Expect(relocation, answer, BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]), uint.MaxValue);
                // 64-bit arithmetic extends the immediate by its sign, 32-bit arithmetic does not.
                if ((long)value is < int.MinValue or > int.MaxValue && ((instruction[0] & 7) == 7 || value > uint.MaxValue))
                    return $"is {value}, which is too large for the instruction";
                BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], (uint)value);
                return null;
            case 0 when IsWideLoad(code, relocation):
                var high = code[(relocation.Offset + InstructionSize + 4)..];
                Expect(relocation, answer, BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(high) << 32), ulong.MaxValue);
                BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], (uint)value);
                BinaryPrimitives.WriteUInt32LittleEndian(high, (uint)(value >> 32));
                return null;
            default:
                throw new InvalidBpfObjectException($"CO-RE: the instruction 0x{instruction[0]:x2} at {relocation.Offset} takes no relocation");
        }
    }

    /// <summary>Makes an instruction one that the verifier refuses, with a number in its complaint: a call of a helper that never was.</summary>
    public static void Poison(Span<byte> code, in CoreRelocation relocation, uint helper)
    {
        var isWide = IsWideLoad(code, relocation);
        Write(At(code, relocation), helper);
        if (isWide)
            Write(code.Slice(relocation.Offset + InstructionSize, InstructionSize), helper);

        static void Write(Span<byte> instruction, uint helper)
        {
            instruction.Clear();
            instruction[0] = Call;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], helper);
        }
    }

    private static string? ApplyToAccess(Span<byte> instruction, in CoreRelocation relocation, CoreAnswer answer, ulong value)
    {
        if (relocation.Kind is not CoreRelocationKind.FieldByteOffset)
            throw new InvalidBpfObjectException($"CO-RE: {relocation.Kind} at {relocation.Offset}, an access to memory");
        Expect(relocation, answer, BinaryPrimitives.ReadUInt16LittleEndian(instruction[2..]), ushort.MaxValue);
        if (value > (ulong)short.MaxValue)
            return $"is at {value}, which is too far for the instruction";
        if (answer.LocalSize != answer.TargetSize)
        {
            // Only plain accesses (mode MEM) of the whole field can grow or shrink; an atomic one has no other sizes.
            if (!answer.CanResize || (instruction[0] & 0xe0) != 0x60 || SizeOfCode((byte)(instruction[0] & 0x18)) != answer.LocalSize
                || CodeOfSize(answer.TargetSize) is not { } size)
                return $"has {answer.TargetSize} bytes instead of {answer.LocalSize}";
            instruction[0] = (byte)((instruction[0] & ~0x18) | size);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(instruction[2..], (ushort)value);
        return null;
    }

    private static uint SizeOfCode(byte size) => size switch
    {
        0x00 => 4,
        0x08 => 2,
        0x10 => 1,
        _ => 8,
    };

    private static byte? CodeOfSize(uint size) => size switch
    {
        1 => 0x10,
        2 => 0x08,
        4 => 0x00,
        8 => 0x18,
        _ => null,
    };

    private static Span<byte> At(Span<byte> code, in CoreRelocation relocation) =>
        relocation.Offset >= 0 && relocation.Offset % InstructionSize == 0 && relocation.Offset <= code.Length - InstructionSize
            ? code.Slice(relocation.Offset, InstructionSize)
            : throw new InvalidBpfObjectException($"CO-RE: a relocation at {relocation.Offset} of {code.Length} bytes of instructions");

    private static bool IsWideLoad(Span<byte> code, in CoreRelocation relocation)
    {
        var instruction = At(code, relocation);
        return instruction[0] == LoadImmediate64 && (instruction[1] >> 4) == 0
            && relocation.Offset <= code.Length - (2 * InstructionSize) && code[relocation.Offset + InstructionSize] == 0;
    }

    // A value that is not the compiler's says that the relocation is for another instruction.
    private static void Expect(in CoreRelocation relocation, CoreAnswer answer, ulong found, ulong mask)
    {
        if (answer.Local is { } local && found != (local & mask))
            throw new InvalidBpfObjectException($"CO-RE: the instruction at {relocation.Offset} has {found} for {answer.Subject}, expected {local}");
    }
}
