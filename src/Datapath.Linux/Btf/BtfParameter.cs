using System.Text;

namespace Datapath.Linux.Btf;

/// <summary>A parameter of a function.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public readonly record struct BtfParameter
{
    private readonly BtfRecord _prototype;
    private readonly int _number;

    internal BtfParameter(BtfRecord prototype, int number) => (_prototype, _number) = (prototype, number);

    /// <summary>Its name; empty in the type of a pointer to a function. A new text each time.</summary>
    public string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>Its name in UTF-8, in place.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _prototype.Id == 0 ? default : _prototype.ParameterName(_number);

    /// <summary>Its type; void for the <c>...</c> at the end.</summary>
    /// <exception cref="Elf.InvalidBpfObjectException">There is no such type.</exception>
    public BtfType Type => _prototype.Id == 0 ? default : new(_prototype.Index[_prototype.Parameter(_number)]);

    /// <summary>Its name and type, such as <c>sk (struct sock *)</c>.</summary>
    public override string ToString() => $"{Name} ({Type})";
}
