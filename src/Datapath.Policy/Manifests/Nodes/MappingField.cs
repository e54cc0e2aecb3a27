namespace Datapath.Policy;

/// <summary>A field of a mapping.</summary>
internal readonly record struct MappingField(NodeTable Table, int Row)
{
    public string Name => Table.Text(Row);

    public int Line => Table.Line(Row);

    public ManifestNode Value => new(Table, Row + 1);

    /// <summary>Whether it has this name, which is ASCII.</summary>
    public bool HasName(string name) => Table.TextIs(Row, name);
}
