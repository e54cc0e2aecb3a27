namespace Datapath.Hosting;

/// <summary>How a kind of object is followed.</summary>
public enum KubernetesKindState
{
    /// <summary>Its first list is not complete yet.</summary>
    Listing,

    /// <summary>All its objects are known, and the server tells of changes.</summary>
    Watching,

    /// <summary>The server is out of reach or refuses. What was known before stays in force.</summary>
    Interrupted,

    /// <summary>The cluster does not have the kind. It is looked for again from time to time.</summary>
    NotInstalled,
}
