using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Datapath.Linux.Btf;

/// <summary>
/// The types of an object, of a kernel or of what is loaded, as BTF tells them. They are read in place: nothing is made of a type before it
/// is asked for, and looking at one allocates nothing but the names asked for as texts. Two are equal if their bytes are.
/// </summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "\"Types\" says that there are many.")]
public sealed class BtfTypes : IReadOnlyCollection<BtfType>, IEquatable<BtfTypes>
{
    internal BtfTypes(BtfIndex index) => Index = index;

    /// <summary>How many types there are; void is none of them. Those of a module come after the kernel's.</summary>
    public int Count => Index.Count;

    internal BtfIndex Index { get; }

    /// <summary>The type of a number.</summary>
    /// <param name="id">Its number, from 1 to <see cref="Count"/>; 0 is void.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
    public BtfType this[uint id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(id, (uint)Count);
            return new(Index[id]);
        }
    }

    /// <summary>The first type of a kind and name.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public BtfType Find(BtfKind kind, string name) => TryFind(kind, name, out var type) ? type : throw new KeyNotFoundException($"there is no {kind} '{name}' among {Count} types");

    /// <summary>The first type of a kind and name.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="name">The name.</param>
    /// <param name="type">The type; void if there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(BtfKind kind, string name, out BtfType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryFind(kind, Encoding.UTF8.GetBytes(name), out type);
    }

    /// <summary>The first type of a kind and name. Allocates nothing.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="name">The name in UTF-8.</param>
    /// <param name="type">The type; void if there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(BtfKind kind, ReadOnlySpan<byte> name, out BtfType type)
    {
        var found = Index.Find(kind, name);
        type = found.Id == 0 ? default : new(found);
        return found.Id != 0;
    }

    /// <summary>All types of a name, of whatever kinds, in the order of their numbers.</summary>
    /// <param name="name">The name.</param>
    public IReadOnlyList<BtfType> FindAll(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var utf8 = Encoding.UTF8.GetBytes(name);
        var found = new List<BtfType>();
        foreach (var candidate in Index.Candidates(utf8))
        {
            if (candidate.Name.SequenceEqual(utf8))
                found.Add(new(candidate));
        }

        found.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return found;
    }

    /// <summary>Walks over all types by their numbers. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<BtfType> IEnumerable<BtfType>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(BtfTypes? other) => ReferenceEquals(this, other) || (other is not null && Index.HasSameBytes(other.Index));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BtfTypes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, Index.Raw.Length);

    /// <summary>Walks over types by their numbers.</summary>
    /// <remarks>Minimum kernel: none; it is pure.</remarks>
    public struct Enumerator : IEnumerator<BtfType>
    {
        private readonly BtfTypes _types;
        private uint _id;

        internal Enumerator(BtfTypes types) => _types = types;

        /// <inheritdoc/>
        public readonly BtfType Current => new(_types.Index[_id]);

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => _id < (uint)_types.Count && ++_id != 0;

        /// <inheritdoc/>
        public void Reset() => _id = 0;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
