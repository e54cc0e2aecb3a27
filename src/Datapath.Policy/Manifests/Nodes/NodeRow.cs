namespace Datapath.Policy;

/// <summary>A row of a <see cref="NodeTable"/>: a value, or the name of a field.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where its text starts. A mapping or list has none, and starts here.</param>
/// <param name="Length">How long its text is.</param>
internal record struct NodeRow(NodeKind Kind, int Start, int Length)
{
    /// <summary>How many rows it takes, itself included.</summary>
    public int Size { get; set; } = 1;

    /// <summary>Whether the text is written with the escapes of JSON.</summary>
    public bool HasEscapes { get; init; }
}
