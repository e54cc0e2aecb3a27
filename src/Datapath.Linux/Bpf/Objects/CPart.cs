using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A part of a C type.</summary>
internal sealed record CPart(BtfFile Btf, uint TypeId, string Path, int Start, int Size) : LayoutPart(Path, Start, Size)
{
    public override bool IsOpen => Type is { Kind: BtfKind.Array or BtfKind.Union or BtfKind.Struct } && Parts.Count == 0;

    public override IReadOnlyList<LayoutPart> Parts => Type switch
    {
        { Kind: BtfKind.Struct } type => Fields(type, Path, Start),
        { Kind: BtfKind.Array } type when type.Length <= MaxElements && Btf.Resolve(type.Target).Kind is BtfKind.Struct or BtfKind.Array => Elements(type),
        _ => [],
    };

    private BtfFileType Type => Btf.Resolve(TypeId);

    // An unnamed struct is passed through: its fields are those of the one around it.
    private List<CPart> Fields(BtfFileType type, string path, int start)
    {
        var result = new List<CPart>();
        foreach (var member in type.Members)
        {
            if (member.Size != 0)
                return []; // bits: C# has none
            var place = start + (int)(member.Value / 8);
            var size = (int)Btf.SizeOf(member.Type);
            if (size != 0) // else an array without end
                result.Add(new(Btf, member.Type, member.Name.Length == 0 ? path : $"{path}.{member.Name}", place, size));
        }

        return result;
    }

    private List<CPart> Elements(BtfFileType type)
    {
        var size = (int)Btf.SizeOf(type.Target);
        return [.. Enumerable.Range(0, (int)type.Length).Select(i => new CPart(Btf, type.Target, $"{Path}[{i}]", Start + (i * size), size))];
    }
}
