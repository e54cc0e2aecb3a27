namespace Datapath.Policy;

/// <summary>Something that claims addresses for frontends of its own, and holds all of them or none.</summary>
internal abstract class Claimant(ServiceName name) : ServedEntry(name)
{
    public ClaimPriority Priority { get; set; }

    /// <summary>The addresses that are claimed, each once.</summary>
    public L4Address[] Claimed { get; set; } = [];

    /// <summary>Who holds an address that is claimed here; <see langword="null"/> if nobody is in the way.</summary>
    public Claimant? HeldBy { get; set; }

    /// <summary>The address that <see cref="HeldBy"/> holds.</summary>
    public L4Address HeldAddress { get; set; }

    /// <summary>Whether the entry waits to be judged by <see cref="AddressClaims"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the entry waits to be compiled.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether there is something that holds what it claims.</summary>
    public bool Holds => Exists && HeldBy is null;

    /// <summary>Who it is, in words, for example <c>service default/web</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Whether it exists and is valid.</summary>
    protected abstract bool Exists { get; }

    /// <summary>Whether the port of an unspecified address that it holds is served on the node's own addresses.</summary>
    public abstract bool ServesNodeAddresses(L4Address unspecified);

    /// <summary>Whether it is served on the addresses of the other nodes, too.</summary>
    public abstract bool ServesOtherNodes { get; }
}
