namespace Datapath.Policy;

/// <summary>A list.</summary>
internal sealed record SequenceNode : ManifestNode
{
    public SequenceNode(int line, int column, IReadOnlyList<ManifestNode> items)
        : base(line, column)
    {
        Items = items;
        foreach (var item in items)
            Weight += item.Weight;
    }

    public IReadOnlyList<ManifestNode> Items { get; }

    public override string Description => "a list";
}
