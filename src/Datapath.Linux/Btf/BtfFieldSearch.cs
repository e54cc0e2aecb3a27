using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>Finds a field by the names on the way to it.</summary>
internal sealed class BtfFieldSearch
{
    private readonly BtfBudget _budget = new();

    /// <summary>Looks a path up.</summary>
    /// <exception cref="InvalidBpfObjectException">The types contain each other without end.</exception>
    public static bool TryFind(BtfRecord type, ReadOnlySpan<byte> path, out BtfField field)
    {
        field = default;
        var search = new BtfFieldSearch();
        ulong start = 0;
        while (true)
        {
            if (type.Id != 0)
                type = type.Index.Resolve(type.Id);
            var dot = path.IndexOf((byte)'.');
            var name = dot < 0 ? path : path[..dot];
            if (name.IsEmpty || search.Find(type, name, start, 0) is not { } found)
                return false;
            if (dot < 0)
            {
                field = new(type.Index, found);
                return true;
            }

            (type, start) = (type.Index[found.Type], found.BitOffset);
            path = path[(dot + 1)..];
        }
    }

    // The fields of an unnamed struct or union count as those of what contains it.
    private BtfFieldRecord? Find(BtfRecord type, ReadOnlySpan<byte> name, ulong start, int depth)
    {
        if (!type.IsComposite)
            return null;
        _budget.Spend(depth);
        for (var i = 0; i < type.Count; i++)
        {
            var field = type.Field(i);
            var place = start + field.BitOffset;
            if (place > uint.MaxValue)
                throw new InvalidBpfObjectException($"BTF: a field of type {type.Id} lies outside of all memory");
            if (field.NameOffset != 0)
            {
                if (type.NameOf(field).SequenceEqual(name))
                    return field with { BitOffset = (uint)place };
            }
            else if (Find(type.Index.Resolve(field.Type), name, place, depth + 1) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
