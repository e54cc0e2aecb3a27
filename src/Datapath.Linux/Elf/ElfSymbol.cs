namespace Datapath.Linux.Elf;

/// <summary>What a symbol names (<c>st_info</c>, low half).</summary>
internal enum ElfSymbolType : byte
{
    NoType = 0,
    Object = 1,
    Func = 2,
    Section = 3,
}

/// <summary>Who sees a symbol (<c>st_info</c>, high half).</summary>
internal enum ElfSymbolBinding : byte
{
    Local = 0,
    Global = 1,
    Weak = 2,
}

/// <summary>A symbol.</summary>
/// <param name="Name">Its name; empty for a section's own symbol.</param>
/// <param name="Type">What it names.</param>
/// <param name="Binding">Who sees it.</param>
/// <param name="Section">The number of its section; 0 means that it is defined elsewhere.</param>
/// <param name="Value">Its offset in the section.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record ElfSymbol(string Name, ElfSymbolType Type, ElfSymbolBinding Binding, ushort Section, ulong Value, ulong Size)
{
    /// <summary>Whether only its own object may use it (<c>STV_HIDDEN</c>).</summary>
    public bool IsHidden { get; init; }
}
