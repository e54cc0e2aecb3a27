using System.Buffers.Binary;
using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the executable sections. The name of a section says what its programs are for.</summary>
internal static class ProgramSpecReader
{
    internal const int InstructionSize = 8;

    /// <summary><c>BPF_LD | BPF_IMM | BPF_DW</c>: the only instruction of two slots, which loads 64 bits.</summary>
    internal const byte LoadImmediate64 = 0x18;

    private static readonly Dictionary<string, (ProgramType Type, AttachType Hook)> s_sections = new()
    {
        ["cgroup/connect4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect),
        ["cgroup/connect6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet6Connect),
        ["cgroup/sendmsg4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp4Sendmsg),
        ["cgroup/sendmsg6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp6Sendmsg),
        ["cgroup/recvmsg4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp4Recvmsg),
        ["cgroup/recvmsg6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp6Recvmsg),
        ["cgroup/getpeername4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetPeername),
        ["cgroup/getpeername6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetPeername),
    };

    public static ImmutableDictionary<string, ProgramSpec> Read(
        ElfFile elf, ImmutableDictionary<string, MapSpec> maps, ImmutableDictionary<string, DataSectionSpec> dataSections)
    {
        var programs = ImmutableDictionary.CreateBuilder<string, ProgramSpec>();
        foreach (var section in elf.Sections)
        {
            if (section.Type is not ElfSectionType.ProgBits || (section.Flags & ElfSection.Executable) == 0 || section.Data.IsEmpty)
                continue;
            if (!s_sections.TryGetValue(section.Name, out var kind))
                throw new InvalidBpfObjectException($"section '{section.Name}' is no known program; known are {string.Join(", ", s_sections.Keys.Order())}");
            var relocations = elf.RelocationsOf(section);
            foreach (var symbol in elf.Symbols)
            {
                if (symbol.Section != section.Index || symbol.Type is not ElfSymbolType.Func)
                    continue;
                if (programs.ContainsKey(symbol.Name))
                    throw new InvalidBpfObjectException($"program '{symbol.Name}' is there twice");
                var code = Code(section, symbol);
                programs.Add(symbol.Name, new()
                {
                    Name = symbol.Name,
                    Type = kind.Type,
                    AttachType = kind.Hook,
                    Instructions = code,
                    Relocations = [.. Relocations(elf, symbol, code, relocations, maps, dataSections)],
                });
            }
        }

        return programs.ToImmutable();
    }

    private static ReadOnlyMemory<byte> Code(ElfSection section, ElfSymbol symbol)
    {
        if (symbol.Value > section.Size || symbol.Size > section.Size - symbol.Value || symbol.Size % InstructionSize != 0 || symbol.Size == 0)
            throw new InvalidBpfObjectException($"program '{symbol.Name}': {symbol.Size} bytes at {symbol.Value} are no instructions of section '{section.Name}'");
        return section.Data.Slice((int)symbol.Value, (int)symbol.Size);
    }

    private static IEnumerable<ProgramRelocation> Relocations(
        ElfFile elf,
        ElfSymbol program,
        ReadOnlyMemory<byte> code,
        ImmutableArray<ElfRelocation> relocations,
        ImmutableDictionary<string, MapSpec> maps,
        ImmutableDictionary<string, DataSectionSpec> dataSections)
    {
        foreach (var relocation in relocations)
        {
            if ((ulong)relocation.Offset < program.Value || (ulong)relocation.Offset >= program.Value + program.Size)
                continue;
            var offset = relocation.Offset - (int)program.Value;
            if (relocation.Type is ElfRelocationType.Call)
                throw new InvalidBpfObjectException($"program '{program.Name}' calls function '{relocation.Symbol.Name}'; declare it always_inline");
            if (relocation.Type is not ElfRelocationType.LoadImmediate64)
                throw new InvalidBpfObjectException($"program '{program.Name}': relocation type {relocation.Type} is not supported");
            if (offset % InstructionSize != 0 || offset + (2 * InstructionSize) > code.Length || code.Span[offset] != LoadImmediate64)
                throw new InvalidBpfObjectException($"program '{program.Name}': the instruction at {offset} is no 64-bit load, yet has a relocation");

            var section = relocation.Symbol.Section < elf.Sections.Length ? elf.Sections[relocation.Symbol.Section].Name : "";
            if (section == ".maps" && maps.ContainsKey(relocation.Symbol.Name))
            {
                yield return new(offset, relocation.Symbol.Name, IsVariable: false, Addend: 0);
            }
            else if (dataSections.ContainsKey(section))
            {
                // The symbol is the variable, or the section with the place in the instruction's immediate.
                var addend = BinaryPrimitives.ReadUInt32LittleEndian(code.Span[(offset + 4)..]);
                yield return new(offset, section, IsVariable: true, Addend: (uint)relocation.Symbol.Value + addend);
            }
            else
            {
                throw new InvalidBpfObjectException($"program '{program.Name}' refers to '{relocation.Symbol.Name}', which is neither a map nor a variable");
            }
        }
    }
}
