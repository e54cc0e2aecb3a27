using System.Globalization;

namespace Datapath.Policy;

/// <summary>
/// Reads the fields of one mapping. A value of the wrong type is reported and read as absent, so that one pass finds everything. Types are
/// as strict as in Kubernetes: <c>"80"</c> is no number and <c>80</c> is no string.
/// </summary>
/// <param name="root">The object.</param>
/// <param name="node">A mapping in it.</param>
/// <param name="absent">The path from there of a part that is absent, which reads as a mapping without fields; none to read the mapping.</param>
/// <param name="issues">Where problems go.</param>
internal readonly ref partial struct FieldReader(ManifestNode root, ManifestNode node, string? absent, IssueList issues)
{
    private readonly ManifestNode _fields = absent is null ? node : default;

    /// <summary>Reads an object.</summary>
    /// <param name="root">The object.</param>
    /// <param name="issues">Where problems go.</param>
    public FieldReader(ManifestNode root, IssueList issues)
        : this(root, root, absent: null, issues)
    {
    }

    public string? String(string name)
    {
        var value = _fields.Find(name);
        if (value.Kind is NodeKind.String)
            return value.Text;
        if (!value.IsAbsent)
            Refuse(name, value, "must be a string", Quotes(value));
        return null;
    }

    public int? Integer(string name)
    {
        var value = _fields.Find(name);
        if (value.IsAbsent)
            return null;
        if (value.Integer is { } number)
        {
            if (number is >= int.MinValue and <= int.MaxValue)
                return (int)number;
            Error(name, number.ToString(CultureInfo.InvariantCulture), "is out of the range of a 32-bit integer");
            return null;
        }

        if (value.Kind is NodeKind.Number)
        {
            Error(name, value.Text, "must be a whole number");
            return null;
        }

        var isQuoted = value.Kind is NodeKind.String && long.TryParse(value.Text, CultureInfo.InvariantCulture, out _);
        Refuse(name, value, "must be a whole number", isQuoted ? " (remove the quotes)" : "");
        return null;
    }

    /// <summary>Whether the field is there.</summary>
    public bool Has(string name) => !_fields.Find(name).IsAbsent;

    /// <summary>Reads a port number that is written as a string, as in the policies of Cilium.</summary>
    public int? QuotedPort(string name)
    {
        if (String(name) is not { } text)
            return null;
        // A leading zero is octal to some readers and nothing to others.
        if (text is [>= '1' and <= '9', ..] && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return port;
        Error(name, text, "must be a port number, 1 to 65535");
        return null;
    }

    /// <summary>Reads a port that is given by number or by name.</summary>
    public PortReference NumberOrName(string name)
    {
        if (_fields.Find(name) is { Kind: NodeKind.String } text)
            return new(text.Text);
        return Integer(name) is { } number ? new(number) : default;
    }

    public bool? Boolean(string name)
    {
        var value = _fields.Find(name);
        if (value.Kind is NodeKind.True or NodeKind.False)
            return value.Kind is NodeKind.True;
        if (!value.IsAbsent)
            Refuse(name, value, "must be true or false", "");
        return null;
    }

    public FieldReader Mapping(string name)
    {
        var value = _fields.Find(name);
        if (value.Kind is NodeKind.Mapping)
            return new(root, value, absent: null, issues);
        if (!value.IsAbsent)
            Refuse(name, value, "must be a mapping", "");
        return Absent(name);
    }

    /// <summary>
    /// Notes fields that are not read, or warns of them where all are known or one is meant that has nearly the same name. Those that are known to be none of
    /// the datapath's business are passed over.
    /// </summary>
    /// <param name="known">All fields that the mapping has in the versions of Kubernetes that are known: a newer one may have others, but hardly one so like these.</param>
    public void NoteOthers(params ReadOnlySpan<string> known)
    {
        foreach (var field in _fields.Fields)
        {
            if (!issues.TakesNotes)
                return;
            if (IsOneOf(field, known))
                continue;
            var hint = NearestName.Hint(field.Name, known);
            if (issues.KnowsAllFields || hint.Length > 0)
                issues.Warn(Path(field.Name), null, "is not known and has no effect" + hint);
            else
                issues.Note(Path(field.Name), null, "is not used");
        }
    }

    public void Require(string name)
    {
        if (!Has(name) && !(issues.TakesErrors && issues.Covers(Path(name))))
            Error(name, null, "is required");
    }

    private static bool IsOneOf(MappingField field, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (field.HasName(name))
                return true;
        }

        return false;
    }

    private static string Quotes(ManifestNode value) => value.IsScalar ? " (put it in quotes)" : "";

    private FieldReader Absent(string name) => new(root, node, absent is null ? name : $"{absent}.{name}", issues);

    private void Refuse(string name, ManifestNode value, string rule, string hint) =>
        Error(name, value.IsScalar ? value.Text : null, $"{rule}, but is {value.Description}{hint}");

    /// <summary>Finding a path out takes a walk over the object, so it is not done for errors that are only counted.</summary>
    private void Error(string name, string? value, string reason) => issues.Error(issues.TakesErrors ? Path(name) : name, value, reason);

    private string Path(string name)
    {
        var path = Path();
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    private string Path()
    {
        var path = FieldLocator.PathOf(root, node);
        return absent is null ? path : path.Length == 0 ? absent : $"{path}.{absent}";
    }

    private static string Item(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");
}
