namespace Datapath.Linux.Bpf;

/// <summary>Takes the parts of a value as <see cref="BtfPrinter"/> finds them. Every field has a name first.</summary>
internal interface IValueOutput
{
    void BeginFields();

    void Name(string name);

    void EndFields();

    void BeginItems();

    void EndItems();

    void Signed(long value);

    void Unsigned(ulong value);

    void Real(double value);

    void Truth(bool value);

    /// <summary>A single printable ASCII character.</summary>
    void Letter(char value);

    void Text(string value);

    /// <summary>The name of an enum's value.</summary>
    void Symbol(string name);

    /// <summary>An address, or what else is read as a hexadecimal number.</summary>
    void Hex(UInt128 value);

    /// <summary>Bytes that no type explains.</summary>
    void Bytes(ReadOnlySpan<byte> value);

    /// <summary>Fields that are left out, inside of fields.</summary>
    void MoreFields(long count);

    /// <summary>Items that are left out, inside of items.</summary>
    void MoreItems(long count);
}
