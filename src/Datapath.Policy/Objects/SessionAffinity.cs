namespace Datapath.Policy;

/// <summary>Whether a client keeps its backend.</summary>
public enum SessionAffinity
{
    /// <summary>No: each connection goes to any backend.</summary>
    None,

    /// <summary>Yes, for the time of <see cref="ServiceSpec.SessionAffinityTimeoutSeconds"/>; a client is an IP address.</summary>
    ClientIP,
}
