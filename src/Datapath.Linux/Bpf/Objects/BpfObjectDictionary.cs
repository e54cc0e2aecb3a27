using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>Programs, maps or variables of an object, by name. Asked for a name that it does not have, it tells the closest that it has.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
/// <typeparam name="T">What has the names.</typeparam>
public sealed class BpfObjectDictionary<T> : IReadOnlyDictionary<string, T>
{
    private readonly string _kind;
    private readonly ImmutableDictionary<string, T> _items;

    /// <param name="kind">What is in it, one of it, for messages.</param>
    /// <param name="items">The items.</param>
    internal BpfObjectDictionary(string kind, ImmutableDictionary<string, T> items) => (_kind, _items) = (kind, items);

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _items.Keys;

    /// <inheritdoc/>
    public IEnumerable<T> Values => _items.Values;

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message has the closest.</exception>
    public T this[string key] => _items.TryGetValue(key, out var item)
        ? item
        : throw new KeyNotFoundException($"the object has no {_kind} '{key}'; it has {CloseNames.List(key, _items.Keys)}");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _items.TryGetValue(key, out value);

    /// <summary>Walks over the names and what has them, in no order.</summary>
    public ImmutableDictionary<string, T>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal BpfObjectDictionary<T> Without(IEnumerable<string> names) => new(_kind, _items.RemoveRange(names));
}
