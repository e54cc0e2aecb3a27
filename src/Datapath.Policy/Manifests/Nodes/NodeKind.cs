namespace Datapath.Policy;

/// <summary>What a node is.</summary>
internal enum NodeKind : byte
{
    /// <summary>There is no node.</summary>
    Absent,
    Mapping,
    List,
    String,
    Number,
    True,
    False,
    Null,
}
