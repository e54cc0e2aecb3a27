namespace Datapath.Linux.Btf;

/// <summary>A variable of a data section. The compiler leaves its place open: in the types of an object file it is 0.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public readonly record struct BtfSectionVariable
{
    private readonly BtfRecord _section;
    private readonly int _number;

    internal BtfSectionVariable(BtfRecord section, int number) => (_section, _number) = (section, number);

    /// <summary>The variable, which has a name and, as its target, a type.</summary>
    /// <exception cref="Elf.InvalidBpfObjectException">There is no such type.</exception>
    public BtfType Variable => _section.Id == 0 ? default : new(_section.Index[Record.Type]);

    /// <summary>Bytes from the start of the section.</summary>
    public uint Offset => Record.Offset;

    /// <summary>Bytes.</summary>
    public uint Size => Record.Size;

    private (uint Type, uint Offset, uint Size) Record => _section.Id == 0 ? default : _section.Variable(_number);

    /// <summary>The variable and its place.</summary>
    public override string ToString() => $"{Variable.Name} ({Variable.Target}) at {Offset}";
}
