namespace Datapath.Policy;

/// <summary>What a scalar is.</summary>
internal enum ScalarKind
{
    String,
    Number,
    Boolean,
    Null,
}

/// <summary>A single value.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Column">Its column.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is written, without quotes and escapes.</param>
internal sealed record ScalarNode(int Line, int Column, ScalarKind Kind, string Text) : ManifestNode(Line, Column)
{
    /// <summary>The value of a whole number; <see langword="null"/> for others.</summary>
    public long? Integer { get; init; }

    public bool Boolean { get; init; }

    public override string Description => Kind switch
    {
        ScalarKind.String => "a string",
        ScalarKind.Number => "a number",
        ScalarKind.Boolean => "a boolean",
        _ => "null",
    };
}
