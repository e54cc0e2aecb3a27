namespace Datapath.Linux.Btf;

/// <summary>Compares whole types: loosely, to say that the kernel has one, or closely, to say that it has all that the program knows of it.</summary>
/// <remarks>The rules: kernel documentation, "BPF LLVM Relocations", part "CO-RE Relocations". Qualifiers and typedefs never count.</remarks>
internal sealed class CoreTypeComparison(BtfIndex local, BtfIndex target)
{
    private readonly BtfBudget _budget = new();

    /// <summary>Whether both are the same kind of thing. Structs, enums and numbers need no more; pointers, arrays and prototypes are followed.</summary>
    public bool AreCompatible(uint localId, uint targetId, int depth = 0)
    {
        _budget.Spend(depth);
        var mine = local.Resolve(localId);
        var theirs = target.Resolve(targetId);
        if (mine.Kind != theirs.Kind && !(mine.IsEnum && theirs.IsEnum))
            return false;
        switch (mine.Kind)
        {
            case BtfKind.Void or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward or BtfKind.Float:
                return true;
            case BtfKind.Int:
                return !mine.IsShifted && !theirs.IsShifted;
            case BtfKind.Pointer or BtfKind.Func:
                return AreCompatible(mine.Target, theirs.Target, depth + 1);
            case BtfKind.Array:
                return AreCompatible(mine.ArrayElement, theirs.ArrayElement, depth + 1);
            case BtfKind.FuncProto:
                var count = mine.Count;
                if (count != theirs.Count || !AreCompatible(mine.Target, theirs.Target, depth + 1))
                    return false;
                for (var i = 0; i < count; i++)
                {
                    if (!AreCompatible(mine.Parameter(i), theirs.Parameter(i), depth + 1))
                        return false;
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether the kernel's type has all members, values and parameters that the program's has, of matching types.</summary>
    public bool IsMatch(uint localId, uint targetId) => IsMatch(localId, targetId, isBehindPointer: false, 0);

    private bool IsMatch(uint localId, uint targetId, bool isBehindPointer, int depth)
    {
        _budget.Spend(depth);
        var mine = local.Resolve(localId);
        var theirs = target.Resolve(targetId);
        if (!BtfName.AreSameButFlavour(mine.Name, theirs.Name))
            return false;
        switch (mine.Kind)
        {
            case BtfKind.Enum or BtfKind.Enum64:
                return theirs.IsEnum && mine.Size == theirs.Size && HasAllValues(mine, theirs);
            case BtfKind.Struct or BtfKind.Union or BtfKind.Forward when isBehindPointer:
                return IsUnion(mine) == IsUnion(theirs); // of what is only pointed to, the name and the kind count
            case BtfKind.Struct or BtfKind.Union:
                return mine.Kind == theirs.Kind && HasAllFields(mine, theirs, depth);
            case BtfKind.Forward:
                return theirs.Kind is BtfKind.Forward && mine.Flag == theirs.Flag;
            case BtfKind.Void:
                return theirs.Kind is BtfKind.Void;
            case BtfKind.Int:
                return theirs.Kind is BtfKind.Int && mine.Size == theirs.Size && mine.IsSigned == theirs.IsSigned && !mine.IsShifted && !theirs.IsShifted;
            case BtfKind.Float:
                return theirs.Kind is BtfKind.Float && mine.Size == theirs.Size;
            case BtfKind.Pointer:
                return theirs.Kind is BtfKind.Pointer && IsMatch(mine.Target, theirs.Target, isBehindPointer: true, depth + 1);
            case BtfKind.Func:
                return theirs.Kind is BtfKind.Func && IsMatch(mine.Target, theirs.Target, isBehindPointer: false, depth + 1);
            case BtfKind.Array:
                return theirs.Kind is BtfKind.Array && mine.ArrayLength == theirs.ArrayLength
                    && IsMatch(mine.ArrayElement, theirs.ArrayElement, isBehindPointer, depth + 1);
            case BtfKind.FuncProto:
                return theirs.Kind is BtfKind.FuncProto && HasSameParameters(mine, theirs, depth);
            default:
                return false;
        }
    }

    // null for what is neither a union nor a struct, declared or defined
    private static bool? IsUnion(BtfRecord type) => type.Kind switch
    {
        BtfKind.Struct => false,
        BtfKind.Union => true,
        BtfKind.Forward => type.Flag,
        _ => null,
    };

    private bool HasAllFields(BtfRecord mine, BtfRecord theirs, int depth)
    {
        for (var i = 0; i < mine.Count; i++)
        {
            var field = mine.Field(i);
            var isFound = false;
            for (var j = 0; j < theirs.Count && !isFound; j++)
            {
                _budget.Spend(depth);
                var other = theirs.Field(j);
                isFound = mine.NameOf(field).SequenceEqual(theirs.NameOf(other)) && IsMatch(field.Type, other.Type, isBehindPointer: false, depth + 1);
            }

            if (!isFound)
                return false;
        }

        return true;
    }

    private bool HasAllValues(BtfRecord mine, BtfRecord theirs)
    {
        for (var i = 0; i < mine.Count; i++)
        {
            var isFound = false;
            for (var j = 0; j < theirs.Count && !isFound; j++)
            {
                _budget.Spend(0);
                isFound = BtfName.AreSameButFlavour(mine.ValueName(i), theirs.ValueName(j));
            }

            if (!isFound)
                return false;
        }

        return true;
    }

    private bool HasSameParameters(BtfRecord mine, BtfRecord theirs, int depth)
    {
        if (mine.Count != theirs.Count || !IsMatch(mine.Target, theirs.Target, isBehindPointer: false, depth + 1))
            return false;
        for (var i = 0; i < mine.Count; i++)
        {
            if (!IsMatch(mine.Parameter(i), theirs.Parameter(i), isBehindPointer: false, depth + 1))
                return false;
        }

        return true;
    }
}
