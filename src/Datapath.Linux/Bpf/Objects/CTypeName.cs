using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>Names of types as C writes them, without qualifiers: <c>struct key *[4]</c>.</summary>
internal static class CTypeName
{
    /// <summary>No type that somebody wrote is nested so deep; one that refers to itself would never end.</summary>
    private const int MaxDepth = 32;

    public static string Of(BtfFile btf, uint id)
    {
        var suffix = "";
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            if (id == 0)
                return "void" + suffix;
            var type = btf[id];
            var name = type.Name.Length == 0 ? "(unnamed)" : type.Name;
            switch (type.Kind)
            {
                case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag:
                    break;
                case BtfKind.Pointer:
                    suffix = " *" + suffix.TrimStart();
                    break;
                case BtfKind.Array:
                    // Dimensions stand in the order in which they are come by; those of an array behind a pointer stand behind it.
                    suffix = suffix.StartsWith(" *", StringComparison.Ordinal) ? $" ({suffix.Trim()})[{type.Length}]" : $"{suffix}[{type.Length}]";
                    break;
                case BtfKind.FuncProto:
                    return "function" + suffix;
                case BtfKind.Struct or BtfKind.Forward:
                    return $"struct {name}{suffix}";
                case BtfKind.Union:
                    return $"union {name}{suffix}";
                case BtfKind.Enum or BtfKind.Enum64:
                    return $"enum {name}{suffix}";
                default:
                    return name + suffix;
            }

            id = type.Target;
        }

        return "";
    }
}
