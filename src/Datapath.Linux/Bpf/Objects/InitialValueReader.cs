using System.Buffers.Binary;
using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Reads what maps hold from the start: <c>.values = { [3] = &amp;program }</c> is a relocation at the fourth pointer behind the map's definition.
/// </summary>
internal static class InitialValueReader
{
    private const int PointerSize = sizeof(ulong);

    /// <param name="elf">The file.</param>
    /// <param name="places">Where the pointers of each map that has any start, from the start of its definition.</param>
    public static Dictionary<string, ImmutableSortedDictionary<uint, string>> Read(ElfFile elf, IReadOnlyDictionary<string, uint> places)
    {
        var result = new Dictionary<string, ImmutableSortedDictionary<uint, string>>();
        if (elf.FindSection(MapSpecReader.Section) is not { } section)
            return result;
        foreach (var relocation in elf.RelocationsOf(section))
        {
            var map = elf.Symbols.FirstOrDefault(s => s.Section == section.Index && s.Type is ElfSymbolType.Object
                && s.Value <= (ulong)relocation.Offset && (ulong)relocation.Offset - s.Value < s.Size);
            if (map is null || !places.TryGetValue(map.Name, out var start))
                throw new InvalidBpfObjectException($"section '{section.Name}': byte {relocation.Offset} has a relocation, yet belongs to no field 'values' of a map");
            var place = (long)((ulong)relocation.Offset - map.Value) - start;
            if (place < 0 || place % PointerSize != 0 || relocation.Type is not ElfRelocationType.Data64 || relocation.Offset > section.Data.Length - PointerSize)
                throw new InvalidBpfObjectException($"map '{map.Name}': the relocation at {relocation.Offset} (type {relocation.Type}) is no pointer of field 'values'");
            var addend = BinaryPrimitives.ReadUInt64LittleEndian(section.Data.Span[relocation.Offset..]);
            var index = (uint)(place / PointerSize);
            var name = SymbolAt.Find(elf, relocation.Symbol, addend)
                ?? throw new InvalidBpfObjectException($"map '{map.Name}': value {index} is neither a map nor a program");
            result[map.Name] = result.GetValueOrDefault(map.Name, ImmutableSortedDictionary<uint, string>.Empty).SetItem(index, name);
        }

        return result;
    }
}
