using System.Globalization;

namespace Datapath.Policy;

/// <summary>
/// Reads the fields of one mapping. A value of the wrong type is reported and read as absent, so that one pass finds everything. Types are
/// as strict as in Kubernetes: <c>"80"</c> is no number and <c>80</c> is no string.
/// </summary>
/// <param name="node">The mapping; <see langword="null"/> reads as one without fields.</param>
/// <param name="path">Its path, empty for the object itself.</param>
/// <param name="issues">Where problems go.</param>
internal readonly ref partial struct FieldReader(MappingNode? node, string path, IssueList issues)
{
    public string? String(string name)
    {
        if (node?.Find(name) is not { } value)
            return null;
        if (value is ScalarNode { Kind: ScalarKind.String } scalar)
            return scalar.Text;
        Refuse(Path(name), value, "must be a string", hint: value is ScalarNode ? " (put it in quotes)" : "");
        return null;
    }

    public int? Integer(string name)
    {
        if (node?.Find(name) is not { } value)
            return null;
        if (value is ScalarNode { Kind: ScalarKind.Number, Integer: { } number })
        {
            if (number is >= int.MinValue and <= int.MaxValue)
                return (int)number;
            issues.Error(Path(name), number.ToString(CultureInfo.InvariantCulture), "is out of the range of a 32-bit integer");
            return null;
        }

        if (value is ScalarNode { Kind: ScalarKind.Number, Text: var fraction })
        {
            issues.Error(Path(name), fraction, "must be a whole number");
            return null;
        }

        var isQuoted = value is ScalarNode { Kind: ScalarKind.String } text && long.TryParse(text.Text, CultureInfo.InvariantCulture, out _);
        Refuse(Path(name), value, "must be a whole number", hint: isQuoted ? " (remove the quotes)" : "");
        return null;
    }

    /// <summary>Whether the field is there.</summary>
    public bool Has(string name) => node?.Find(name) is not null;

    /// <summary>Reads a port number that is written as a string, as in the policies of Cilium.</summary>
    public int? QuotedPort(string name)
    {
        if (String(name) is not { } text)
            return null;
        // A leading zero is octal to some readers and nothing to others.
        if (text is [>= '1' and <= '9', ..] && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return port;
        issues.Error(Path(name), text, "must be a port number, 1 to 65535");
        return null;
    }

    /// <summary>Reads a port that is given by number or by name.</summary>
    public PortReference NumberOrName(string name) => node?.Find(name) switch
    {
        null => default,
        ScalarNode { Kind: ScalarKind.String, Text: var text } => new(text),
        _ => Integer(name) is { } number ? new(number) : default,
    };

    public bool? Boolean(string name)
    {
        if (node?.Find(name) is not { } value)
            return null;
        if (value is ScalarNode { Kind: ScalarKind.Boolean } scalar)
            return scalar.Boolean;
        Refuse(Path(name), value, "must be true or false", hint: "");
        return null;
    }

    /// <summary>Reads one of several names. They are compared exactly.</summary>
    public T? OneOf<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        if (String(name) is not { } text)
            return null;
        if (Find(text, choices) is { } value)
            return value;
        issues.Error(Path(name), text, NotOneOf(choices));
        return null;
    }

    /// <summary>Reads one of several names, to which Kubernetes may add more: another is warned about and read as absent.</summary>
    public T? OneOfKnown<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        if (String(name) is not { } text)
            return null;
        if (Find(text, choices) is { } value)
            return value;
        issues.Warn(Path(name), text, $"has no effect: it {NotOneOf(choices)}");
        return null;
    }

    public FieldReader Mapping(string name)
    {
        var value = node?.Find(name);
        if (value is not null and not MappingNode)
            Refuse(Path(name), value, "must be a mapping", hint: "");
        return new(value as MappingNode, Path(name), issues);
    }

    /// <summary>Notes fields that are not read. Those that are known to be none of the datapath's business are passed over.</summary>
    public void NoteOthers(params ReadOnlySpan<string> known)
    {
        if (node is null)
            return;
        foreach (var field in node.Fields)
        {
            if (!known.Contains(field.Name))
                issues.Note(Path(field.Name), null, "is not used");
        }
    }

    public void Require(string name)
    {
        if (node?.Find(name) is null && !issues.Covers(Path(name)))
            issues.Error(Path(name), null, "is required");
    }

    /// <summary>The value that a text names, compared exactly.</summary>
    public static T? Find<T>(string text, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        foreach (var choice in choices)
        {
            if (choice.Text == text)
                return choice.Value;
        }

        return null;
    }

    private void Refuse(string field, ManifestNode value, string rule, string hint) =>
        issues.Error(field, (value as ScalarNode)?.Text, $"{rule}, but is {value.Description}{hint}");

    /// <summary>The rule that <see cref="OneOf"/> stands for, in words.</summary>
    public static string NotOneOf<T>(ReadOnlySpan<(string Text, T Value)> choices)
    {
        var text = "must be " + choices[0].Text;
        for (var i = 1; i < choices.Length; i++)
            text += (i == choices.Length - 1 ? " or " : ", ") + choices[i].Text;
        return text;
    }

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private string Path(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{Path(name)}[{index}]");
}
