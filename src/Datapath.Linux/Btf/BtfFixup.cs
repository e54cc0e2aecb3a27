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

    public static byte[] Complete(BtfFile btf, ElfFile elf)
    {
        var raw = btf.Raw.ToArray();
        foreach (var type in btf.Types)
        {
            if (type.Kind is not BtfKind.DataSection)
                continue;
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

    // The kernel wants the variables of a section in the order of their offsets.
    private static void SortVariables(Span<byte> variables)
    {
        var sorted = variables.ToArray().Chunk(VariableSize).OrderBy(static v => BinaryPrimitives.ReadUInt32LittleEndian(v.AsSpan(4))).ToArray();
        for (var i = 0; i < sorted.Length; i++)
            sorted[i].CopyTo(variables[(i * VariableSize)..]);
    }
}
