using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the programs: the functions of the sections whose names say what they are for.</summary>
internal static class ProgramSpecReader
{
    public static ImmutableDictionary<string, ProgramSpec> Read(
        ElfFile elf, BtfFile btf, BtfExt ext, ImmutableDictionary<string, MapSpec> maps, ImmutableDictionary<string, DataSectionSpec> dataSections)
    {
        ObjectFunction[] functions =
        [
            .. from section in elf.Sections
               where section.Type is ElfSectionType.ProgBits && (section.Flags & ElfSection.Executable) != 0 && !section.Data.IsEmpty
               from function in ObjectFunction.Of(elf, section)
               select function,
        ];
        var linker = new ProgramLinker(elf, btf, ext, maps, dataSections, functions);
        var programs = ImmutableDictionary.CreateBuilder<string, ProgramSpec>();
        foreach (var function in functions)
        {
            if (!function.IsProgram)
                continue;
            var isOptional = function.Section.Name.StartsWith('?');
            var section = isOptional ? function.Section.Name[1..] : function.Section.Name;
            var kind = ProgramSections.Find(section, out var target);
            if (programs.ContainsKey(function.Name))
                throw new InvalidBpfObjectException($"program '{function.Name}' is there twice");
            programs.Add(function.Name, linker.Link(function, new()
            {
                Name = function.Name,
                SectionName = section,
                Type = kind.Type,
                AttachType = kind.Hook,
                AttachTarget = target,
                Flags = kind.Flags,
                IsEnabled = !isOptional,
                Types = btf.View,
            }));
        }

        return programs.ToImmutable();
    }
}
