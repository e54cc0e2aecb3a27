using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>The instructions of a program as texts, with the source lines that start at them.</summary>
internal static class ProgramListing
{
    /// <summary>Lists instructions.</summary>
    /// <param name="text">Writes each.</param>
    /// <param name="sources">The source lines.</param>
    /// <param name="unit">What the places of the source lines count for each instruction: 1 in a loaded program, its bytes in an object.</param>
    public static ImmutableArray<ProgramInstruction> Of(InstructionText text, IReadOnlyDictionary<uint, string> sources, int unit)
    {
        var result = ImmutableArray.CreateBuilder<ProgramInstruction>(text.Count);
        for (var i = 0; i < text.Count;)
        {
            result.Add(new(i, text.Format(i, out var slots), sources.GetValueOrDefault((uint)(i * unit))));
            i += slots;
        }

        return result.DrainToImmutable();
    }

    /// <summary>The texts of source lines, such as <c>drop.bpf.c:17 return 2;</c>, by their places.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="types">The types whose texts they refer to; without them there are no lines.</param>
    public static IReadOnlyDictionary<uint, string> SourcesOf(ReadOnlySpan<BtfLineInfo> lines, BtfIndex? types)
    {
        var sources = new Dictionary<uint, string>();
        if (types is null)
            return sources;
        try
        {
            foreach (var line in lines)
            {
                var file = Path.GetFileName(Encoding.UTF8.GetString(types.NameAt(line.FileName)));
                var text = Encoding.UTF8.GetString(types.NameAt(line.Text)).Trim();
                sources[line.Offset] = string.Create(CultureInfo.InvariantCulture, $"{file}:{line.Position >> 10} {text}").TrimEnd();
            }
        }
        catch (InvalidBpfObjectException)
        {
            // Texts that are not there: the instructions are worth showing without.
        }

        return sources;
    }
}
