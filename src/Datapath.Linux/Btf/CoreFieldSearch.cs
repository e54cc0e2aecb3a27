namespace Datapath.Linux.Btf;

/// <summary>Finds a field of the object's types in a type of the kernel: by the names on the way, whatever the layout.</summary>
internal sealed class CoreFieldSearch(BtfIndex local, BtfIndex target)
{
    private readonly BtfBudget _budget = new();

    /// <summary>The kernel's field, or <see langword="null"/> if this type of the kernel has no field like it.</summary>
    public CoreField? Find(List<CoreStep> steps, uint candidate)
    {
        if (steps[0].Index > 0 && !IsSized(candidate))
            return null;
        var start = steps[0].Index == 0 ? 0 : (ulong)steps[0].Index * target.SizeOf(candidate) * 8;
        CoreField? field = new CoreField(target, candidate, start, 0);
        var isLastField = false;
        for (var i = 1; i < steps.Count && field is { } current; i++)
        {
            var type = target.Resolve(current.Type);
            if (!steps[i].Name.IsEmpty)
            {
                field = type.IsComposite ? FindMember(type, steps[i].Name.Span, current.BitOffset, 0, out isLastField) : null;
            }
            else
            {
                field = type.Kind is BtfKind.Array ? current.Element(type, steps[i].Index, isLastField) : null;
                isLastField = false;
            }

            if (field is { } found && !AreCompatible(steps[i].Type, found.Type, 0))
                return null;
        }

        return field;
    }

    // Looks through anonymous structs and unions, whose fields count as fields of what contains them.
    private CoreField? FindMember(BtfRecord type, ReadOnlySpan<byte> name, ulong start, int depth, out bool isLast)
    {
        _budget.Spend(depth);
        for (var i = 0; i < type.Count; i++)
        {
            var member = type.Field(i);
            isLast = i == type.Count - 1;
            if (member.NameOffset == 0)
            {
                var inner = target.Resolve(member.Type);
                if (inner.IsComposite && FindMember(inner, name, start + member.BitOffset, depth + 1, out isLast) is { } found)
                    return found;
            }
            else if (type.NameOf(member).SequenceEqual(name))
            {
                return new(target, member.Type, start + member.BitOffset, member.BitSize);
            }
        }

        isLast = false;
        return null;
    }

    // Structs and unions mix; numbers match whatever their size and sign, and arrays whatever their length.
    private bool AreCompatible(uint localId, uint targetId, int depth)
    {
        _budget.Spend(depth);
        var mine = local.Resolve(localId);
        var theirs = target.Resolve(targetId);
        if (mine.IsComposite && theirs.IsComposite)
            return true;
        if (mine.Kind != theirs.Kind && !(mine.IsEnum && theirs.IsEnum))
            return false;
        return mine.Kind switch
        {
            BtfKind.Pointer or BtfKind.Float => true,
            BtfKind.Int => !mine.IsShifted && !theirs.IsShifted,
            BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward =>
                mine.Name.IsEmpty || theirs.Name.IsEmpty || BtfName.AreSameButFlavour(mine.Name, theirs.Name),
            BtfKind.Array => AreCompatible(mine.ArrayElement, theirs.ArrayElement, depth + 1),
            _ => false,
        };
    }

    private bool IsSized(uint id) => target.Resolve(id).Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Int or BtfKind.Pointer
        or BtfKind.Array or BtfKind.Enum or BtfKind.Enum64;
}
