using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>An object file whose instructions have been fitted to a kernel's types, in the file itself.</summary>
internal static class FittedObject
{
    /// <summary>Fits every program.</summary>
    /// <param name="file">An object file; it is changed.</param>
    /// <param name="kernel">The kernel's types.</param>
    /// <returns>By section, the instructions that cannot work.</returns>
    public static Dictionary<string, ImmutableArray<CorePoison>> Fit(byte[] file, BtfIndex kernel)
    {
        var elf = ElfFile.Parse(file);
        var btf = elf.FindSection(".BTF")!.Data;
        var local = BtfIndex.Parse(btf);
        var result = new Dictionary<string, ImmutableArray<CorePoison>>();
        foreach (var (section, relocations) in Relocations(elf.FindSection(".BTF.ext")!.Data.Span, local))
            result.Add(section, CoreLinker.Apply(MemoryMarshal.AsMemory(elf.FindSection(section)!.Data).Span, relocations, local, kernel));
        return result;
    }

    // Groups of a section's name, a count and the records.
    private static Dictionary<string, CoreRelocation[]> Relocations(ReadOnlySpan<byte> ext, BtfIndex local)
    {
        var result = new Dictionary<string, CoreRelocation[]>();
        var data = ext.Slice((int)(Word(ext, 4) + Word(ext, 24)), (int)Word(ext, 28));
        var size = (int)Word(data, 0);
        for (data = data[4..]; !data.IsEmpty;)
        {
            var section = Encoding.UTF8.GetString(local.NameAt(Word(data, 0)));
            var relocations = new CoreRelocation[Word(data, 4)];
            data = data[8..];
            for (var i = 0; i < relocations.Length; i++, data = data[size..])
            {
                relocations[i] = new(
                    (int)Word(data, 0), Word(data, 4), Encoding.UTF8.GetString(local.NameAt(Word(data, 8))), (CoreRelocationKind)Word(data, 12));
            }

            result.Add(section, relocations);
        }

        return result;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
