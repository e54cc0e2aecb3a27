namespace Datapath.Policy;

/// <summary>All that the masquerading of a node is compiled from.</summary>
public sealed record MasqueradeInputs
{
    /// <summary>What is wanted.</summary>
    public required MasqueradeConfiguration Configuration { get; init; }

    /// <summary>
    /// The node: its name, which tells its own pods and its own object from others, and its addresses. Default: without a name, and then no pod
    /// is of this node and no node is another.
    /// </summary>
    public NodeConfiguration Node { get; init; } = new();

    /// <summary>The nodes of the cluster, this one among them; each name once. Default: none.</summary>
    public IReadOnlyCollection<Node> Nodes { get; init; } = [];

    /// <summary>The pods; those of other nodes do not matter. Each name once. Default: none.</summary>
    public IReadOnlyCollection<Pod> Pods { get; init; } = [];

    /// <summary>The namespaces; each name once. Default: none.</summary>
    public IReadOnlyCollection<Namespace> Namespaces { get; init; } = [];

    /// <summary>
    /// The list in the file of the ip-masq-agent. What it or <see cref="MasqueradeConfiguration.NonMasquerade"/> excludes is excluded. Default:
    /// <see langword="null"/>, no such file is used.
    /// </summary>
    public NonMasqueradeList? AgentList { get; init; }
}
