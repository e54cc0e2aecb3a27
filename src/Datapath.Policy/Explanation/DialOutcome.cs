namespace Datapath.Policy;

/// <summary>What becomes of a dial.</summary>
public enum DialOutcome
{
    /// <summary>It goes to one of the backends.</summary>
    Backend,

    /// <summary>It goes to the address that was dialled, as without a datapath.</summary>
    Direct,

    /// <summary>It is refused.</summary>
    Refused,
}
