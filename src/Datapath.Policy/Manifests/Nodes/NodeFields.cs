namespace Datapath.Policy;

/// <summary>The fields of a mapping; nothing else has any.</summary>
internal struct NodeFields(ManifestNode node)
{
    private readonly NodeTable _table = node.Table!;
    private readonly int _end = node.Kind is NodeKind.Mapping ? node.End : 0;
    private int _row = -1;
    private int _next = node.Row + 1;

    public readonly MappingField Current => new(_table, _row);

    public readonly NodeFields GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        _row = _next;
        _next = new ManifestNode(_table, _row + 1).End;
        return true;
    }
}
