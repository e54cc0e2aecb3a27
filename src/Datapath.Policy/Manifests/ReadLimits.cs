namespace Datapath.Policy;

/// <summary>Bounds on what a document may be, so that a hostile or broken file costs an error and not the process.</summary>
internal static class ReadLimits
{
    /// <summary>Nesting, in mappings and lists. Kubernetes objects need less than 20.</summary>
    public const int Depth = 64;

    /// <summary>Nodes of a document with all aliases written out, if it uses aliases.</summary>
    public const long ExpandedNodes = 1_000_000;
}
