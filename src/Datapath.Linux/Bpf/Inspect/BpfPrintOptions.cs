namespace Datapath.Linux.Bpf;

/// <summary>How much of a value is printed. What is left out is counted in its place: <c>… 36 more</c>.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record BpfPrintOptions
{
    /// <summary>Elements of one array; 64 by default.</summary>
    public int MaxArrayLength { get; init; } = 64;

    /// <summary>Bytes of one text, or of one value without a type; 256 by default.</summary>
    public int MaxTextLength { get; init; } = 256;

    /// <summary>Fields and elements of one key or value, all levels together; 10,000 by default.</summary>
    public int MaxFields { get; init; } = 10_000;

    /// <summary>Elements of the map; all by default. Those that are left out are not counted.</summary>
    public long MaxElements { get; init; } = long.MaxValue;
}
