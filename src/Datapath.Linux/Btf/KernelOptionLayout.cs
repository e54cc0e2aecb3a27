using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// Where the variables of the section <c>.kconfig</c> stand. They are in no file: whoever loads the object makes the section, one after the
/// other with the largest first, so that each is aligned.
/// </summary>
internal static class KernelOptionLayout
{
    /// <summary>The section.</summary>
    public const string Section = ".kconfig";

    /// <summary>No name of an option comes near it; a broken object must not ask for all memory.</summary>
    private const uint MaxSize = 1 << 16;

    /// <param name="btf">The types.</param>
    /// <param name="section">The section among them.</param>
    /// <param name="size">Bytes of the section.</param>
    /// <exception cref="InvalidBpfObjectException">The section holds something that is no variable, or too much.</exception>
    public static ImmutableArray<(BtfFileType Variable, uint Offset, uint Size)> Of(BtfFile btf, BtfFileType section, out uint size)
    {
        var result = ImmutableArray.CreateBuilder<(BtfFileType Variable, uint Offset, uint Size)>();
        size = 0;
        foreach (var (type, bytes) in section.Members.Select(m => (btf[m.Type], Size: btf.SizeOf(btf[m.Type].Target))).OrderByDescending(m => Alignment(btf, m.Item1)))
        {
            if (type.Kind is not BtfKind.Var)
                throw new InvalidBpfObjectException($"BTF: section '{Section}' holds '{type.Name}', which is no variable");
            if (bytes == 0 || bytes > MaxSize - size)
                throw new InvalidBpfObjectException($"BTF: variable '{type.Name}' of section '{Section}' has {bytes} bytes");
            result.Add((type, size, bytes));
            size += bytes;
        }

        return result.ToImmutable();
    }

    private static uint Alignment(BtfFile btf, BtfFileType variable)
    {
        var type = btf.Resolve(variable.Target);
        return type.Kind is BtfKind.Array ? 1 : btf.SizeOf(type.Id); // arrays of letters, and numbers
    }
}
