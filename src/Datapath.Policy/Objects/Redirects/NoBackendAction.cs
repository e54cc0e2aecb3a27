namespace Datapath.Policy;

/// <summary>What becomes of connections that a policy redirects while no backend of it is usable on the node.</summary>
public enum NoBackendAction
{
    /// <summary>They go where they would go without the policy.</summary>
    Fallback,

    /// <summary>They are refused.</summary>
    Drop,
}
