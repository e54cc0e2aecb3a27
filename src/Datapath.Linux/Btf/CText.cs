using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>Types as C writes them. Bytes in, a text out; what contains itself without end, or would never end, is refused.</summary>
/// <param name="types">The types.</param>
/// <param name="isWhole">Whether qualifiers are written, and what unnamed structs, unions and enums are made of.</param>
internal sealed partial class CText(BtfIndex types, bool isWhole)
{
    /// <summary>No declaration that somebody wrote is as long, and broken types could ask for much memory.</summary>
    private const int MaxDeclaration = 1 << 12;

    private const int MaxText = 1 << 20;

    private readonly BtfBudget _budget = new();

    /// <summary>The name of a type without qualifiers, such as <c>struct key *[4]</c>.</summary>
    /// <exception cref="InvalidBpfObjectException">The types contradict themselves.</exception>
    public static string TypeName(BtfIndex types, uint id) => new CText(types, isWhole: false).Declare(id, "", 0, 0);

    // From what is declared outwards to the type it is made of, which stands in front.
    private string Declare(uint id, string declarator, int indentation, int nesting)
    {
        var qualifiers = "";
        for (var steps = 0; ; steps++)
        {
            _budget.Spend(Math.Max(steps, nesting));
            if (declarator.Length + qualifiers.Length > MaxDeclaration)
                throw new InvalidBpfObjectException($"BTF: the declaration of type {id} has no end");
            var type = types[id];
            switch (type.Kind)
            {
                case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict:
                    qualifiers = isWhole ? $"{Keyword(type.Kind)} {qualifiers}" : "";
                    break;
                case BtfKind.TypeTag:
                    break;
                case BtfKind.Pointer:
                    (declarator, qualifiers) = ($"*{qualifiers}{declarator}".TrimEnd(), "");
                    break;
                case BtfKind.Array:
                    declarator = $"{Grouped(declarator)}[{type.ArrayLength}]";
                    break;
                case BtfKind.FuncProto:
                    (declarator, qualifiers) = ($"{Grouped(declarator)}({Parameters(type, indentation, nesting + 1)})", "");
                    break;
                default:
                    var name = qualifiers + (isWhole ? NameOrBody(type, indentation, nesting) : NameOf(type));
                    return declarator.Length == 0 || declarator[0] == '[' ? name + declarator : $"{name} {declarator}";
            }

            id = type.Kind is BtfKind.Array ? type.ArrayElement : type.Target;
        }
    }

    private string Parameters(BtfRecord prototype, int indentation, int nesting)
    {
        if (prototype.Count == 0)
            return "void";
        var text = new StringBuilder();
        for (var i = 0; i < prototype.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            var isLast = i == prototype.Count - 1;
            text.Append(isLast && prototype.Parameter(i) == 0 // as compilers write what may be of any number
                ? "..."
                : Declare(prototype.Parameter(i), isWhole ? Encoding.UTF8.GetString(prototype.ParameterName(i)) : "", indentation, nesting));
            if (text.Length > MaxDeclaration)
                throw new InvalidBpfObjectException($"BTF: the parameters of type {prototype.Id} have no end");
        }

        return text.ToString();
    }

    private static string NameOf(BtfRecord type)
    {
        if (type.Kind is BtfKind.Void)
            return "void";
        var name = type.Name.IsEmpty ? "(unnamed)" : type.NameText;
        return Keyword(type.Kind, type.Flag) is { Length: > 0 } keyword ? $"{keyword} {name}" : name;
    }

    // What is declared of a pointer binds less than what is declared of an array or a function.
    private static string Grouped(string declarator) => declarator.StartsWith('*') ? $"({declarator})" : declarator;

    private static string Keyword(BtfKind kind, bool isUnion = false) => kind switch
    {
        BtfKind.Const => "const",
        BtfKind.Volatile => "volatile",
        BtfKind.Restrict => "restrict",
        BtfKind.Struct => "struct",
        BtfKind.Union => "union",
        BtfKind.Forward => isUnion ? "union" : "struct",
        BtfKind.Enum or BtfKind.Enum64 => "enum",
        _ => "",
    };
}
