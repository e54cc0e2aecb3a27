namespace Datapath.Policy;

/// <summary>The nodes in a list; nothing else has any.</summary>
internal struct NodeItems(ManifestNode node)
{
    private readonly NodeTable _table = node.Table!;
    private readonly int _end = node.Kind is NodeKind.List ? node.End : 0;
    private int _row = -1;
    private int _next = node.Row + 1;

    public readonly ManifestNode Current => new(_table, _row);

    public readonly int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in this)
                count++;
            return count;
        }
    }

    public readonly NodeItems GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        _row = _next;
        _next = Current.End;
        return true;
    }
}
