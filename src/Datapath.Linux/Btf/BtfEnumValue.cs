using System.Globalization;
using System.Text;

namespace Datapath.Linux.Btf;

/// <summary>A value of an enum.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public readonly record struct BtfEnumValue
{
    private readonly BtfRecord _type;
    private readonly int _number;

    internal BtfEnumValue(BtfRecord type, int number) => (_type, _number) = (type, number);

    /// <summary>Its name. A new text each time.</summary>
    public string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>Its name in UTF-8, in place.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _type.Id == 0 ? default : _type.ValueName(_number);

    /// <summary>Its value; of one that needs 64 bits without a sign, the same bits.</summary>
    public long Value => _type.Id == 0 ? 0 : (long)_type.Value(_number);

    /// <summary>As C writes it, such as <c>TCP_LISTEN = 10</c>.</summary>
    public override string ToString() => $"{Name} = {(_type.IsSigned ? Value.ToString(CultureInfo.InvariantCulture) : ((ulong)Value).ToString(CultureInfo.InvariantCulture))}";
}
