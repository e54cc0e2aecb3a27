using System.Collections;

namespace Datapath.Linux.Btf;

/// <summary>What a type consists of: fields, values, parameters. Each is read when it is looked at; a walk allocates nothing.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
/// <typeparam name="T">A part.</typeparam>
public readonly struct BtfList<T> : IReadOnlyList<T>, IEquatable<BtfList<T>>
    where T : struct
{
    private readonly BtfRecord _type;
    private readonly Func<BtfRecord, int, T>? _read;

    internal BtfList(BtfRecord type, bool hasParts, Func<BtfRecord, int, T> read) => (_type, _read, Count) = (type, read, hasParts ? type.Count : 0);

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _read!(_type, index);
        }
    }

    /// <summary>Walks over the parts. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both are parts of one type.</summary>
    public bool Equals(BtfList<T> other) => _type == other._type && Count == other.Count;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BtfList<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _type.GetHashCode();

    /// <summary>Whether both are parts of one type.</summary>
    public static bool operator ==(BtfList<T> left, BtfList<T> right) => left.Equals(right);

    /// <summary>Whether they are parts of different types.</summary>
    public static bool operator !=(BtfList<T> left, BtfList<T> right) => !left.Equals(right);

    /// <summary>Walks over parts.</summary>
    /// <remarks>Minimum kernel: none; it is pure.</remarks>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly BtfList<T> _list;
        private int _next;

        internal Enumerator(BtfList<T> list) => _list = list;

        /// <inheritdoc/>
        public readonly T Current => _list[_next - 1];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => _next < _list.Count && ++_next != 0;

        /// <inheritdoc/>
        public void Reset() => _next = 0;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
