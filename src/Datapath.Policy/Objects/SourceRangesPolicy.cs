namespace Datapath.Policy;

/// <summary>What the source ranges of a service mean.</summary>
public enum SourceRangesPolicy
{
    /// <summary>Clients in them are let in, and no others.</summary>
    Allow,

    /// <summary>Clients in them are refused, and no others.</summary>
    Deny,
}
