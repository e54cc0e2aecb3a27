using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Netlink;

/// <summary>Next hops of a route. Two lists are equal if their elements are, in their order, so that routes can be compared.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[CollectionBuilder(typeof(NextHopList), nameof(Create))]
public sealed class NextHopList : IReadOnlyList<NetworkNextHop>, IEquatable<NextHopList>
{
    private readonly ImmutableArray<NetworkNextHop> _items;

    private NextHopList(ImmutableArray<NetworkNextHop> items) => _items = items;

    /// <summary>No next hops.</summary>
    public static NextHopList Empty { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _items.Length;

    /// <summary>The next hop at a place.</summary>
    /// <param name="index">The place, from 0.</param>
    public NetworkNextHop this[int index] => _items[index];

    /// <summary>Makes a list; a collection expression does the same.</summary>
    /// <param name="items">The next hops.</param>
    public static NextHopList Create(ReadOnlySpan<NetworkNextHop> items) => items.IsEmpty ? Empty : new([.. items]);

    /// <inheritdoc/>
    public bool Equals(NextHopList? other) => other is not null && _items.AsSpan().SequenceEqual(other._items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NextHopList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>The next hops, each with a comma between.</summary>
    public override string ToString() => $"[{string.Join(", ", _items)}]";

    /// <inheritdoc/>
    public IEnumerator<NetworkNextHop> GetEnumerator() => ((IEnumerable<NetworkNextHop>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
