using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>A function of an object file: a program, or what programs call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Section">The section of its instructions.</param>
/// <param name="Offset">Where it starts in the section.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsProgram">Whether it is a program: it is not static, and its section is named for a kind.</param>
internal sealed record ObjectFunction(string Name, ElfSection Section, int Offset, int Length, bool IsProgram)
{
    /// <summary>The section of functions that are no programs.</summary>
    public const string PlainSection = ".text";

    public ReadOnlyMemory<byte> Code => Section.Data.Slice(Offset, Length);

    /// <summary>The functions of a section of instructions.</summary>
    public static IEnumerable<ObjectFunction> Of(ElfFile elf, ElfSection section)
    {
        foreach (var symbol in elf.Symbols)
        {
            if (symbol.Section != section.Index || symbol.Type is not ElfSymbolType.Func)
                continue;
            var isProgram = section.Name != PlainSection && symbol.Binding is not ElfSymbolBinding.Local;
            if (symbol.Value > (ulong)section.Data.Length || symbol.Size > (ulong)section.Data.Length - symbol.Value
                || symbol.Value % BpfInstruction.Size != 0 || symbol.Size % BpfInstruction.Size != 0 || symbol.Size == 0)
            {
                throw new InvalidBpfObjectException(
                    $"{(isProgram ? "program" : "function")} '{symbol.Name}': {symbol.Size} bytes at {symbol.Value} are no instructions of section '{section.Name}'");
            }

            yield return new(symbol.Name, section, (int)symbol.Value, (int)symbol.Size, isProgram);
        }
    }
}
