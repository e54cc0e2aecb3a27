using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Btf;

/// <content>
/// Types by name. Names are not indexed: a vectorized search through all of the kernel's names costs a tenth of a millisecond, hashing
/// them once costs as much as a hundred searches, and a program asks for a few.
/// </content>
internal sealed partial class BtfIndex
{
    private int[] _next = []; // the place of the next record in the same chain, plus 1; 0 ends it
    private int[] _heads = []; // the place of the first record of each chain, plus 1

    /// <summary>The first type of a kind and name; void (id 0) if there is none. Allocates nothing.</summary>
    public BtfRecord Find(BtfKind kind, ReadOnlySpan<byte> name)
    {
        var first = this[0];
        foreach (var type in Candidates(name))
        {
            if (type.Kind == kind && type.Name.SequenceEqual(name) && (first.Id == 0 || type.Id < first.Id))
                first = type;
        }

        return first;
    }

    /// <summary>The types whose names are <paramref name="name"/> up to a flavour on either side: name by name, and by their numbers for each.</summary>
    public CandidateEnumerator Candidates(ReadOnlySpan<byte> name) => new(this, BtfName.WithoutFlavour(name));

    // Records whose names stand at the same place. Equal names do, unless whoever wrote them was careless.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ChainNames()
    {
        var words = MemoryMarshal.Cast<byte, uint>(_types.Span);
        var (offsets, next) = (_offsets, new int[_records]);
        var heads = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(_records, 1))];
        for (var i = next.Length - 1; i >= 0; i--) // from the end, so that a chain begins with the lowest number
        {
            var name = words[offsets[i] / sizeof(uint)];
            if (name == 0)
                continue;
            ref var head = ref heads[ChainOf(name, heads.Length)];
            next[i] = head;
            head = i + 1;
        }

        (_next, _heads) = (next, heads);
    }

    private static uint ChainOf(uint name, int chains)
    {
        var hash = name * 0x9e37_79b1U; // the golden ratio: spreads numbers that lie close together
        return (hash ^ (hash >> 15)) & (uint)(chains - 1);
    }

    /// <summary>Walks the types of one name.</summary>
    internal ref struct CandidateEnumerator
    {
        private readonly BtfIndex _index;
        private readonly ReadOnlySpan<byte> _name;
        private BtfIndex _texts; // whose names are searched: those of the base first
        private BtfIndex _chain; // whose chain is walked: that of the base first, as others may use its names
        private int _position; // in the names: where to search on
        private uint _found; // the name at which the types' names stand
        private int _next;

        public CandidateEnumerator(BtfIndex index, ReadOnlySpan<byte> name)
        {
            _index = index;
            _name = name;
            _texts = _chain = index._base ?? index;
        }

        public BtfRecord Current { get; private set; }

        public readonly CandidateEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_name.IsEmpty)
                return false;
            while (true)
            {
                while (_next != 0)
                {
                    var record = _chain[_chain._firstId + (uint)_next - 1];
                    _next = _chain._next[_next - 1];
                    if (record.NameOffset != _found)
                        continue;
                    Current = record;
                    return true;
                }

                if (_found != 0 && _chain != _index)
                {
                    Enter(_index);
                    continue;
                }

                if (!FindName())
                    return false;
                Enter(_texts);
            }
        }

        private void Enter(BtfIndex chain)
        {
            _chain = chain;
            _next = chain._heads[ChainOf(_found, chain._heads.Length)];
        }

        // Names may be the ends of other names, so one can start anywhere.
        private bool FindName()
        {
            while (true)
            {
                var rest = _texts._strings.Span[_position..];
                var at = rest.IndexOf(_name);
                if (at >= 0)
                {
                    _found = _texts._firstName + (uint)(_position + at);
                    _position += at + 1;
                    var end = at + _name.Length;
                    if (end < rest.Length && rest[end] is 0 or (byte)'_' && BtfName.WithoutFlavour(_texts.NameAt(_found)).SequenceEqual(_name))
                        return true;
                }
                else if (_texts == _index)
                {
                    return false;
                }
                else
                {
                    (_texts, _position) = (_index, 0);
                }
            }
        }
    }
}
