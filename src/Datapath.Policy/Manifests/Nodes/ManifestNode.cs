namespace Datapath.Policy;

/// <summary>A node of a document, YAML or JSON. Lines and columns count from 1.</summary>
internal abstract record ManifestNode(int Line, int Column)
{
    /// <summary>How many nodes there are with all aliases written out. Aliases share nodes, so a small tree may stand for a vast one.</summary>
    public long Weight { get; protected init; } = 1;

    /// <summary>What the node is, for messages.</summary>
    public abstract string Description { get; }
}
