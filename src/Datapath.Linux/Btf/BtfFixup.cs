using System.Buffers.Binary;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// Completes an object's BTF so that the kernel takes it: the compiler leaves the size of each data section and the place of each variable
/// open, for whoever lays the sections out. Here a section is laid out as it stands in the file.
/// </summary>
internal static class BtfFixup
{
    private const int RecordSize = 12;
    private const int VariableSize = 12;

    private const string KernelSymbols = ".ksyms";

    public static byte[] Complete(BtfFile btf, ElfFile elf)
    {
        ThrowIfUndeclared(btf);
        var raw = btf.Raw.ToArray();
        HideFunctions(raw, btf, elf);
        foreach (var type in btf.Types)
        {
            if (type.Kind is not BtfKind.DataSection)
                continue;
            if (type.Name == KernelOptionLayout.Section)
            {
                DefineKernelOptions(raw, btf, type);
                continue;
            }

            if (type.Name == KernelSymbols)
            {
                HideKernelSymbols(raw, btf, type);
                continue;
            }

            var section = elf.FindSection(type.Name)
                ?? throw new InvalidBpfObjectException($"BTF: data section '{type.Name}' is not in the file; variables of the kernel (extern) are not supported");
            var record = raw.AsSpan(btf.TypesOffset + type.Offset);
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)section.Size);
            for (var i = 0; i < type.Members.Length; i++)
            {
                var name = btf[type.Members[i].Type].Name;
                var symbol = elf.Symbols.FirstOrDefault(s => s.Section == section.Index && s.Name == name)
                    ?? throw new InvalidBpfObjectException($"BTF: variable '{name}' of section '{type.Name}' has no symbol");
                BinaryPrimitives.WriteUInt32LittleEndian(record[(RecordSize + (i * VariableSize) + 4)..], (uint)symbol.Value);
            }

            SortVariables(record.Slice(RecordSize, type.Members.Length * VariableSize));
        }

        return raw;
    }

    // What is defined elsewhere must say where: the kernel's symbols and options have sections of their own.
    private static void ThrowIfUndeclared(BtfFile btf)
    {
        var declared = new HashSet<uint>();
        foreach (var section in btf.Types)
        {
            if (section is not { Kind: BtfKind.DataSection, Name: KernelSymbols or KernelOptionLayout.Section })
                continue;
            foreach (var member in section.Members)
                declared.Add(member.Type);
        }

        foreach (var type in btf.Types)
        {
            if (type is { Kind: BtfKind.Func or BtfKind.Var, Linkage: BtfLinkage.Extern } && !declared.Contains(type.Id))
            {
                throw new InvalidBpfObjectException(
                    $"'{type.Name}' is declared (extern), yet defined nowhere in the file; what the kernel has goes to section '{KernelSymbols}' (__ksym), "
                    + $"an option of it to '{KernelOptionLayout.Section}' (__kconfig)");
            }
        }
    }

    // A hidden function is one that only its own object calls. To the kernel that is a static one: verified with each caller, not by itself.
    private static void HideFunctions(Span<byte> raw, BtfFile btf, ElfFile elf)
    {
        var hidden = elf.Symbols.Where(static s => s.IsHidden && s.Type is ElfSymbolType.Func).Select(static s => s.Name).ToHashSet();
        foreach (var type in btf.Types)
        {
            if (type.Kind is BtfKind.Func && type.Linkage is BtfLinkage.Global && hidden.Contains(type.Name))
                BinaryPrimitives.WriteUInt32LittleEndian(raw[(btf.TypesOffset + type.Offset + 4)..], ((uint)BtfKind.Func << 24) | (uint)BtfLinkage.Static);
        }
    }

    // Variables that are defined elsewhere become the section's own, in the places that the loader fills.
    private static void DefineKernelOptions(Span<byte> raw, BtfFile btf, BtfFileType section)
    {
        var record = raw[(btf.TypesOffset + section.Offset)..];
        var layout = KernelOptionLayout.Of(btf, section, out var size);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], size);
        for (var i = 0; i < layout.Length; i++)
        {
            var (variable, offset, bytes) = layout[i];
            var member = record[(RecordSize + (i * VariableSize))..];
            BinaryPrimitives.WriteUInt32LittleEndian(member, variable.Id);
            BinaryPrimitives.WriteUInt32LittleEndian(member[4..], offset);
            BinaryPrimitives.WriteUInt32LittleEndian(member[8..], bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(raw[(btf.TypesOffset + variable.Offset + RecordSize)..], (uint)BtfLinkage.Global);
        }
    }

    // The kernel takes no type that is defined elsewhere. Nothing but the loader asks for these, so each becomes something harmless of the
    // same length, which leaves the numbers of all others as they are: a function a typedef, a variable one of an integer, the section a union.
    private static void HideKernelSymbols(Span<byte> raw, BtfFile btf, BtfFileType section)
    {
        var integer = btf.Types.FirstOrDefault(static t => t.Kind is BtfKind.Int)
            ?? throw new InvalidBpfObjectException("BTF: names of the kernel, yet no integer");
        foreach (var member in section.Members)
        {
            var type = btf[member.Type];
            var record = raw[(btf.TypesOffset + type.Offset)..];
            if (type.Kind is BtfKind.Func)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)BtfKind.Typedef << 24);
            }
            else if (type.Kind is BtfKind.Var)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(record[8..], integer.Id);
                BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)BtfLinkage.Global);
            }
        }

        var union = raw[(btf.TypesOffset + section.Offset)..];
        BinaryPrimitives.WriteUInt32LittleEndian(union, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(union[4..], ((uint)BtfKind.Union << 24) | (uint)section.Members.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(union[8..], integer.Size);
        for (var i = 0; i < section.Members.Length; i++)
        {
            var member = union.Slice(RecordSize + (i * VariableSize), VariableSize);
            member.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(member[4..], integer.Id);
        }
    }

    // The kernel wants the variables of a section in the order of their offsets.
    private static void SortVariables(Span<byte> variables)
    {
        if (AreSorted(variables))
            return;
        var sorted = variables.ToArray().Chunk(VariableSize).OrderBy(static v => OffsetOf(v)).ToArray();
        for (var i = 0; i < sorted.Length; i++)
            sorted[i].CopyTo(variables[(i * VariableSize)..]);
    }

    private static bool AreSorted(ReadOnlySpan<byte> variables)
    {
        for (var i = VariableSize; i < variables.Length; i += VariableSize)
        {
            if (OffsetOf(variables[i..]) < OffsetOf(variables[(i - VariableSize)..]))
                return false;
        }

        return true;
    }

    private static uint OffsetOf(ReadOnlySpan<byte> variable) => BinaryPrimitives.ReadUInt32LittleEndian(variable[4..]);
}
