using System.Globalization;
using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

// What types are made of.
internal sealed partial class CText
{
    /// <summary>A type with its fields or values: <c>struct pair {...};</c>. What has a name and stands inside is named only.</summary>
    /// <exception cref="InvalidBpfObjectException">The types contradict themselves.</exception>
    public static string Define(BtfIndex types, uint id) => new CText(types, isWhole: true).Define(types[id]);

    private string Define(BtfRecord type) => type.Kind switch
    {
        BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 => Body(type, 0, 0) + ";",
        BtfKind.Typedef => $"typedef {Declare(type.Target, type.NameText, 0, 0)};",
        BtfKind.Func or BtfKind.Var => Declare(type.Target, type.NameText, 0, 0) + ";",
        BtfKind.Forward => NameOf(type) + ";",
        BtfKind.DataSection => Section(type),
        _ => Declare(type.Id, "", 0, 0),
    };

    private string NameOrBody(BtfRecord type, int indentation, int nesting) =>
        type.Name.IsEmpty && (type.IsComposite || type.IsEnum) ? Body(type, indentation, nesting + 1) : NameOf(type);

    private string Body(BtfRecord type, int indentation, int nesting)
    {
        _budget.Spend(nesting);
        var text = new StringBuilder(Keyword(type.Kind));
        if (!type.Name.IsEmpty)
            text.Append(' ').Append(type.NameText);
        text.Append(" {\n");
        for (var i = 0; i < type.Count; i++)
        {
            text.Append('\t', indentation + 1).Append(type.IsEnum ? Value(type, i) : Field(type, i, indentation + 1, nesting)).Append('\n');
            ThrowIfEndless(type, text);
        }

        return text.Append('\t', indentation).Append('}').ToString();
    }

    private string Field(BtfRecord type, int i, int indentation, int nesting)
    {
        var field = type.Field(i);
        var declaration = Declare(field.Type, Encoding.UTF8.GetString(type.NameOf(field)), indentation, nesting);
        return field.BitSize == 0 ? declaration + ";" : string.Create(CultureInfo.InvariantCulture, $"{declaration} : {field.BitSize};");
    }

    private static string Value(BtfRecord type, int i)
    {
        var value = type.Value(i);
        var number = type.IsSigned ? ((long)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
        return $"{Encoding.UTF8.GetString(type.ValueName(i))} = {number},";
    }

    private string Section(BtfRecord section)
    {
        var text = new StringBuilder();
        for (var i = 0; i < section.Count; i++)
        {
            var variable = types[section.Variable(i).Type];
            text.Append(i == 0 ? "" : "\n").Append(variable.Kind is BtfKind.DataSection ? NameOf(variable) : Define(variable));
            ThrowIfEndless(section, text);
        }

        return text.ToString();
    }

    private static void ThrowIfEndless(BtfRecord type, StringBuilder text)
    {
        if (text.Length > MaxText)
            throw new InvalidBpfObjectException($"BTF: the definition of type {type.Id} has no end");
    }
}
