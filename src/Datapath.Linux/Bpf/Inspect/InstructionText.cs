using System.Buffers.Binary;
using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>Writes an instruction as its effect: <c>r1 = *(u32 *)(r6 + 16)</c>. Targets of jumps are numbers of instructions.</summary>
/// <remarks>Numbers: kernel documentation, "BPF Instruction Set Architecture".</remarks>
/// <param name="code">The instructions.</param>
/// <param name="nameOfCall">Names what a call of the kernel calls, by the instruction's immediate; null if unknown.</param>
/// <param name="nameOfReference">Names what an instruction refers to that an object leaves open, by its number; null if it refers to nothing.</param>
internal sealed class InstructionText(ReadOnlyMemory<byte> code, Func<int, string?> nameOfCall, Func<int, string?>? nameOfReference = null)
{
    private const int RegisterOperand = 0x08;

    /// <summary>How many slots of 8 bytes there are.</summary>
    public int Count => code.Length / BpfInstruction.Size;

    /// <summary>Writes an instruction.</summary>
    /// <param name="number">Its number; instructions of two slots count twice.</param>
    /// <param name="slots">How many slots it has: 1 or 2.</param>
    public string Format(int number, out int slots)
    {
        var bytes = code.Span.Slice(number * BpfInstruction.Size, BpfInstruction.Size);
        var i = new Parts(number, bytes[0], bytes[1] & 0xf, bytes[1] >> 4, BinaryPrimitives.ReadInt16LittleEndian(bytes[2..]), BpfInstruction.Immediate(bytes));
        slots = i.Code == BpfInstruction.LoadImmediate64 && number + 1 < Count ? 2 : 1;
        if (nameOfReference?.Invoke(number) is { } reference)
            return slots == 2 ? $"r{i.Destination} = {reference}" : $"call {reference}";
        return (i.Code & 7) switch
        {
            0 => slots == 2 ? WideLoad(i, BpfInstruction.Immediate(code.Span[((number + 1) * BpfInstruction.Size)..])) : PacketLoad(i),
            1 => Load(i),
            2 => (i.Code & 0xe0) == 0x60 ? Text($"*({Unsigned(i)} *)({Place(i.Destination, i.Offset)}) = {i.Immediate}") : Unknown(i),
            3 => Store(i),
            4 or 7 => Arithmetic(i),
            _ => Jump(i),
        };
    }

    private static string WideLoad(Parts i, int high) => i.Source switch
    {
        0 => Text($"r{i.Destination} = 0x{((ulong)(uint)high << 32) | (uint)i.Immediate:x}"),
        BpfInstruction.SourceMap => Text($"r{i.Destination} = map {i.Immediate}"),
        BpfInstruction.SourceMapValue => Text($"r{i.Destination} = map {i.Immediate} value + {high}"),
        BpfInstruction.SourceKernelType => Text($"r{i.Destination} = kernel variable of type {i.Immediate}"),
        BpfInstruction.SourceFunction => Text($"r{i.Destination} = function {i.Number + i.Immediate + 1}"),
        _ => Unknown(i),
    };

    // Only in programs that read packets, as classic BPF did.
    private static string PacketLoad(Parts i) => (i.Code & 0xe0) switch
    {
        0x20 => Text($"r0 = *({Unsigned(i)} *)packet[{i.Immediate}]"),
        0x40 => Text($"r0 = *({Unsigned(i)} *)packet[r{i.Source} + {i.Immediate}]"),
        _ => Unknown(i),
    };

    private static string Load(Parts i) => (i.Code & 0xe0) switch
    {
        0x60 => Text($"r{i.Destination} = *({Unsigned(i)} *)({Place(i.Source, i.Offset)})"),
        0x80 => Text($"r{i.Destination} = *(s{Bits(i)} *)({Place(i.Source, i.Offset)})"),
        _ => Unknown(i),
    };

    private static string Store(Parts i)
    {
        var place = $"*({Unsigned(i)} *)({Place(i.Destination, i.Offset)})";
        return (i.Code & 0xe0, i.Immediate) switch
        {
            (0x60, _) => $"{place} = r{i.Source}",
            (0xc0, 0x00) => $"lock {place} += r{i.Source}",
            (0xc0, 0x40) => $"lock {place} |= r{i.Source}",
            (0xc0, 0x50) => $"lock {place} &= r{i.Source}",
            (0xc0, 0xa0) => $"lock {place} ^= r{i.Source}",
            (0xc0, 0x01) => $"r{i.Source} = fetch_add({place}, r{i.Source})",
            (0xc0, 0x41) => $"r{i.Source} = fetch_or({place}, r{i.Source})",
            (0xc0, 0x51) => $"r{i.Source} = fetch_and({place}, r{i.Source})",
            (0xc0, 0xa1) => $"r{i.Source} = fetch_xor({place}, r{i.Source})",
            (0xc0, 0xe1) => $"r{i.Source} = exchange({place}, r{i.Source})",
            (0xc0, 0xf1) => $"r0 = compare_exchange({place}, r0, r{i.Source})",
            (0xc0, 0x100) => $"r{i.Destination} = load_acquire(({Unsigned(i)} *)({Place(i.Source, i.Offset)}))",
            (0xc0, 0x110) => $"store_release(({Unsigned(i)} *)({Place(i.Destination, i.Offset)}), r{i.Source})",
            _ => Unknown(i),
        };
    }

    private static string Arithmetic(Parts i)
    {
        var is64 = (i.Code & 7) == 7;
        var register = is64 ? 'r' : 'w';
        var target = $"{register}{i.Destination}";
        var operand = (i.Code & RegisterOperand) != 0 ? $"{register}{i.Source}" : Text($"{i.Immediate}");
        var isSigned = i.Offset == 1;
        return (i.Code & 0xf0) switch
        {
            0x00 => $"{target} += {operand}",
            0x10 => $"{target} -= {operand}",
            0x20 => $"{target} *= {operand}",
            0x30 => $"{target} {(isSigned ? "s/=" : "/=")} {operand}",
            0x40 => $"{target} |= {operand}",
            0x50 => $"{target} &= {operand}",
            0x60 => $"{target} <<= {operand}",
            0x70 => $"{target} >>= {operand}",
            0x80 => $"{target} = -{target}",
            0x90 => $"{target} {(isSigned ? "s%=" : "%=")} {operand}",
            0xa0 => $"{target} ^= {operand}",
            0xb0 when i.Offset is 8 or 16 or 32 => $"{target} = (s{i.Offset}){operand}",
            0xb0 when i.Offset != 0 => $"{target} = addr_space_cast({operand}, {i.Immediate})",
            0xb0 => $"{target} = {operand}",
            0xc0 => $"{target} s>>= {operand}",
            0xd0 => $"r{i.Destination} = {(is64 ? "bswap" : (i.Code & RegisterOperand) != 0 ? "be" : "le")}{i.Immediate} r{i.Destination}",
            _ => Unknown(i),
        };
    }

    private string Jump(Parts i)
    {
        var is32 = (i.Code & 7) == 6;
        var register = is32 ? 'w' : 'r';
        var (left, right) = ($"{register}{i.Destination}", (i.Code & RegisterOperand) != 0 ? $"{register}{i.Source}" : Text($"{i.Immediate}"));
        var target = i.Number + i.Offset + 1;
        return (i.Code & 0xf0) switch
        {
            0x00 => Text($"goto {(is32 ? i.Number + i.Immediate + 1 : target)}"),
            0x10 => $"if {left} == {right} goto {target}",
            0x20 => $"if {left} > {right} goto {target}",
            0x30 => $"if {left} >= {right} goto {target}",
            0x40 => $"if {left} & {right} goto {target}",
            0x50 => $"if {left} != {right} goto {target}",
            0x60 => $"if {left} s> {right} goto {target}",
            0x70 => $"if {left} s>= {right} goto {target}",
            0x80 => Call(i),
            0x90 => "exit",
            0xa0 => $"if {left} < {right} goto {target}",
            0xb0 => $"if {left} <= {right} goto {target}",
            0xc0 => $"if {left} s< {right} goto {target}",
            0xd0 => $"if {left} s<= {right} goto {target}",
            0xe0 => $"may goto {target}",
            _ => Unknown(i),
        };
    }

    // In a loaded program the place of a function of its own stands in the offset, in an object file in the immediate.
    private string Call(Parts i) => ((i.Code & RegisterOperand) != 0, i.Source) switch
    {
        (true, _) => $"call r{i.Destination}",
        (_, BpfInstruction.CallFunction) => $"call function {i.Number + 1 + (i.Offset != 0 ? i.Offset : i.Immediate)}",
        (_, BpfInstruction.CallKernel) => $"call {nameOfCall(i.Immediate) ?? Text($"kernel function {i.Immediate}")}",
        _ => $"call {nameOfCall(i.Immediate) ?? Text($"helper {i.Immediate}")}",
    };

    private static int Bits(Parts i) => (i.Code & 0x18) switch
    {
        0x00 => 32,
        0x08 => 16,
        0x10 => 8,
        _ => 64,
    };

    private static string Unsigned(Parts i) => $"u{Bits(i)}";

    private static string Place(int register, int offset) => offset < 0 ? $"r{register} - {-offset}" : $"r{register} + {offset}";

    private static string Unknown(Parts i) => Text($"unknown instruction 0x{i.Code:x2}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Parts(int Number, byte Code, int Destination, int Source, int Offset, int Immediate);
}
