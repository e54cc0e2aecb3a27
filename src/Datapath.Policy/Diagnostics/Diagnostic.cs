using System.Text;

namespace Datapath.Policy;

/// <summary>One thing to say about an input: where, what and why.</summary>
public sealed record Diagnostic
{
    private const int LongestValue = 80;

    /// <summary>How much it matters.</summary>
    public required DiagnosticSeverity Severity { get; init; }

    /// <summary>What is wrong, as the rest of a sentence that starts with <see cref="Value"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>The file, as the caller named it, or whatever else tells the source. Empty if it has none.</summary>
    public string File { get; init; } = "";

    /// <summary>The line, from 1; 0 if it is not known.</summary>
    public int Line { get; init; }

    /// <summary>The kind of the object, if known.</summary>
    public string? Kind { get; init; }

    /// <summary>The namespace of the object, if known.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name of the object, if known.</summary>
    public string? Name { get; init; }

    /// <summary>The field, as a path like <c>spec.ports[0].port</c>, if it is about one.</summary>
    public string? Field { get; init; }

    /// <summary>The value that was found there, if there is one.</summary>
    public string? Value { get; init; }

    /// <summary>
    /// One line, for example <c>services.yaml:14: Service default/web: spec.ports[0].port: '70000' must be 1 to 65535</c>. Parts that are
    /// not known are left out.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (File.Length > 0)
            text.Append(File).Append(':');
        if (Line > 0)
            text.Append(Line).Append(':');
        if (text.Length > 0)
            text.Append(' ');
        if (Kind is not null)
        {
            text.Append(Kind);
            if (Name is not null)
                text.Append(' ').Append(Namespace is null ? "" : Namespace + "/").Append(Name);
            text.Append(": ");
        }

        if (Field is not null)
            text.Append(Field).Append(": ");
        if (Value is not null)
            text.Append('\'').Append(OneLine(Value, LongestValue)).Append("' ");
        return OneLine(text.Append(Reason).ToString(), int.MaxValue);
    }

    /// <summary>Values come from files: a line break or a megabyte of text must not end up in somebody's log.</summary>
    private static string OneLine(string value, int longest)
    {
        var text = new StringBuilder(Math.Min(value.Length, longest));
        foreach (var c in value)
        {
            if (text.Length == longest)
                return text.Append('…').ToString();
            text.Append(char.IsControl(c) ? '\uFFFD' : c);
        }

        return text.ToString();
    }
}
