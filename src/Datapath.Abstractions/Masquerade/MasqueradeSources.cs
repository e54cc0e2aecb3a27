using System.Collections.Immutable;

namespace Datapath;

/// <summary>The classes of sources, and what leads to them: an address, else the interface by which a packet came in, else whether it came in at all.</summary>
public sealed record MasqueradeSources
{
    /// <summary>The classes by number, 1 to 256.</summary>
    public required ImmutableArray<MasqueradeSourceClass> Classes { get; init; }

    /// <summary>The classes of addresses: the longest prefix counts. Each prefix once. Default: none.</summary>
    public ImmutableArray<MasqueradePrefix> Prefixes { get; init; } = [];

    /// <summary>
    /// The classes of what comes in by an interface and has none by its address: a name comes before patterns, a longer pattern before a
    /// shorter. Each once. Default: none.
    /// </summary>
    public ImmutableArray<MasqueradeInterface> Interfaces { get; init; } = [];

    /// <summary>The class of what came in and has no other.</summary>
    public required byte ForwardedClass { get; init; }

    /// <summary>The class of what the host sends itself and has none by its address.</summary>
    public required byte HostClass { get; init; }

    /// <summary>Equal in all parts, in the same order.</summary>
    /// <param name="other">The sources to compare with.</param>
    public bool Equals(MasqueradeSources? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ForwardedClass == other.ForwardedClass && HostClass == other.HostClass
            && Classes.AsSpan().SequenceEqual(other.Classes.AsSpan()) && Prefixes.AsSpan().SequenceEqual(other.Prefixes.AsSpan())
            && Interfaces.AsSpan().SequenceEqual(other.Interfaces.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Classes.AsSpan().Length, Prefixes.AsSpan().Length, Interfaces.AsSpan().Length);

    /// <summary>The class of what came in by an interface and has none by its address.</summary>
    /// <param name="name">The name of the interface.</param>
    public MasqueradeMatch FindByInterface(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        MasqueradeInterface? found = null;
        foreach (var candidate in Interfaces.AsSpan())
        {
            if (candidate.Matches(name) && (found is not { } best || Precedes(candidate.Pattern, best.Pattern)))
                found = candidate;
        }

        return found is { } match ? new(match.Class, Interface: match.Pattern) : new(ForwardedClass);
    }

    private static bool Precedes(string pattern, string other) => !pattern.EndsWith('+') || (other.EndsWith('+') && pattern.Length > other.Length);
}
