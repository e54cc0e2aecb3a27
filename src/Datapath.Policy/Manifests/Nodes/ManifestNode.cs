namespace Datapath.Policy;

/// <summary>A node of a document, YAML or JSON: a row of a table. The default is no node.</summary>
internal readonly record struct ManifestNode(NodeTable? Table, int Row)
{
    public NodeKind Kind => Table is null ? NodeKind.Absent : Table[Row].Kind;

    public bool IsAbsent => Table is null;

    public bool IsScalar => Kind > NodeKind.List;

    /// <summary>Its line in the document, from 1.</summary>
    public int Line => Table!.Line(Row);

    /// <summary>A scalar as it is written, without quotes and escapes.</summary>
    public string Text => Table!.Text(Row);

    /// <summary>The value of a whole number; <see langword="null"/> for others.</summary>
    public long? Integer => Table!.Integer(Row);

    /// <summary>The nodes in a list.</summary>
    public NodeItems Items => new(this);

    /// <summary>The fields of a mapping, in the order of the text. No name occurs twice.</summary>
    public NodeFields Fields => new(this);

    /// <summary>What the node is, for messages.</summary>
    public string Description => Kind switch
    {
        NodeKind.Mapping => "a mapping",
        NodeKind.List => "a list",
        NodeKind.String => "a string",
        NodeKind.Number => "a number",
        NodeKind.True or NodeKind.False => "a boolean",
        _ => "null",
    };

    /// <summary>The first row behind those of the node.</summary>
    public int End => Row + Table![Row].Size;

    /// <summary>Finds a field by its name, which is ASCII; a null value counts as absent, as in Kubernetes.</summary>
    public ManifestNode Find(string name)
    {
        if (Kind is not NodeKind.Mapping)
            return default;
        foreach (var field in Fields)
        {
            if (field.HasName(name))
                return field.Value.Kind is NodeKind.Null ? default : field.Value;
        }

        return default;
    }

    /// <summary>The text of a field; <see langword="null"/> if it is absent, empty or no string.</summary>
    public string? TextOf(string name) => Find(name) is { Kind: NodeKind.String } value && value.Text is { Length: > 0 } text ? text : null;
}
