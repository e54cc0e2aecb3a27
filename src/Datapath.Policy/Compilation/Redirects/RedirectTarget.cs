using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>An address, or a range, that policies take over, and what came of it.</summary>
internal sealed class RedirectTarget(TargetKey key)
{
    public TargetKey Key { get; } = key;

    /// <summary>The first address.</summary>
    public IPValue Address { get; } = IPValue.Of(key.First.Address);

    /// <summary>The policies that want it, by precedence.</summary>
    public List<(RedirectEntry Policy, TargetPlan Plan)> Claims { get; } = [];

    /// <summary>The policy under whose name it is served; <see langword="null"/> if it is not.</summary>
    public RedirectEntry? Owner { get; set; }

    /// <summary>The frontend, of an exact address that is served.</summary>
    public Frontend? Frontend { get; set; }

    /// <summary>The range, of one that is served.</summary>
    public FrontendRange? Range { get; set; }

    /// <summary>What happens to a dial there, also by policies for wider ranges; empty if nothing does.</summary>
    public ImmutableArray<Redirect> Redirects { get; set; } = [];

    /// <summary>Who has the address already.</summary>
    public Claimant? BlockedBy { get; set; }
}
