using System.Globalization;
using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>One step from a root type to a field: into a named field, or to an element of an array.</summary>
/// <param name="Name">The field's name; empty for an element.</param>
/// <param name="Index">The element.</param>
/// <param name="Type">The type reached, in the object's types.</param>
internal sealed record CoreStep(ReadOnlyMemory<byte> Name, uint Index, uint Type);

/// <summary>A field reached from a root type.</summary>
/// <param name="Types">Whose types.</param>
/// <param name="Type">The field's type.</param>
/// <param name="BitOffset">Bits from the start of the root.</param>
/// <param name="BitSize">Bits of a bit field, otherwise 0.</param>
internal readonly record struct CoreField(BtfIndex Types, uint Type, ulong BitOffset, uint BitSize)
{
    /// <summary>Reads an access string against the object's own types.</summary>
    /// <exception cref="InvalidBpfObjectException">The string does not fit the types.</exception>
    public static CoreField Read(BtfIndex types, uint root, string access, out List<CoreStep> steps)
    {
        steps = [];
        var indexes = ParseAccess(access);
        var field = new CoreField(types, root, Times(indexes[0], indexes[0] == 0 ? 0 : types.SizeOf(root)), 0);
        steps.Add(new(default, indexes[0], root));
        var isLastField = false;
        foreach (var index in indexes.AsSpan(1))
        {
            var type = types.Resolve(field.Type);
            if (type.IsComposite)
            {
                var member = type.Field((int)Math.Min(index, int.MaxValue));
                field = new(types, member.Type, field.BitOffset + member.BitOffset, member.BitSize);
                isLastField = index == type.Count - 1;
                if (member.NameOffset != 0) // the kernel may have the same fields without the anonymous struct, or in another
                    steps.Add(new(type.NameOf(member).ToArray(), 0, member.Type));
            }
            else if (type.Kind is BtfKind.Array)
            {
                field = field.Element(type, index, isLastField)
                    ?? throw new InvalidBpfObjectException($"CO-RE: access '{access}' leaves an array of {type.ArrayLength} elements");
                isLastField = false;
                steps.Add(new(default, index, field.Type));
            }
            else
            {
                throw new InvalidBpfObjectException($"CO-RE: access '{access}' enters type {type.Id} ('{type.NameText}', {type.Kind}), which has no fields");
            }
        }

        return field;
    }

    /// <summary>An element of this field, an array; <see langword="null"/> if it has no such element. An array without length at the end of a struct has all.</summary>
    public CoreField? Element(BtfRecord array, uint index, bool isLastField) => index < array.ArrayLength || (array.ArrayLength == 0 && isLastField)
        ? new(Types, array.ArrayElement, BitOffset + Times(index, Types.SizeOf(array.ArrayElement)), 0)
        : null;

    /// <summary>What a step goes through, such as <c>sock_common.skc_dport</c>.</summary>
    public static string Describe(BtfIndex types, uint root, List<CoreStep> steps)
    {
        var text = new StringBuilder(DescribeType(types, root));
        for (var i = 0; i < steps.Count; i++)
        {
            if (!steps[i].Name.IsEmpty)
                text.Append('.').Append(Encoding.UTF8.GetString(steps[i].Name.Span));
            else if (i > 0 || steps[i].Index > 0)
                text.Append(CultureInfo.InvariantCulture, $"[{steps[i].Index}]");
        }

        return text.ToString();
    }

    public static string DescribeType(BtfIndex types, uint id)
    {
        var type = types[id];
        var name = type.Name.IsEmpty ? "(anonymous)" : type.NameText;
        return type.Kind switch
        {
            BtfKind.Struct => "struct " + name,
            BtfKind.Union => "union " + name,
            BtfKind.Enum or BtfKind.Enum64 => "enum " + name,
            _ => name,
        };
    }

    public static uint[] ParseAccess(string access)
    {
        var parts = access.Split(':');
        var result = new uint[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts.Length > 64 || !uint.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out result[i]))
                throw new InvalidBpfObjectException($"CO-RE: '{access}' is no access string");
        }

        return result;
    }

    private static ulong Times(uint index, uint size) => (ulong)index * size is <= uint.MaxValue and var bytes
        ? bytes * 8
        : throw new InvalidBpfObjectException($"CO-RE: element {index} of {size} bytes lies outside of memory");
}
