using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The classes of the addresses of a family: those of the rules in force and, while rules change, those of the next.</summary>
internal sealed class PrefixTable<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TPrefix, TFamily>(BpfMap map)
    where TPrefix : unmanaged
    where TFamily : IRuleFamily<TPrefix>
{
    private readonly BpfLpmTrie<TPrefix, NatClass> _trie = map.AsLpmTrie<TPrefix, NatClass>();
    private TPrefix[] _inForce = [];
    private TPrefix[] _next = [];

    /// <summary>Takes over the rules that an earlier process put in force; what it had not yet put in force, or not yet removed, goes.</summary>
    public void Adopt(uint generation)
    {
        var left = _trie.ToList().Select(static entry => entry.Key).ToLookup(key => TFamily.GenerationOf(in key) == generation);
        _inForce = [.. left[true]];
        _ = _trie.RemoveAll([.. left[false]]);
    }

    /// <summary>Writes the classes of the next rules beside those in force.</summary>
    /// <exception cref="BpfException">There is no room for them.</exception>
    public void Write(ImmutableArray<MasqueradePrefix> prefixes, uint generation)
    {
        MasqueradePrefix[] own = [.. prefixes.Where(static prefix => prefix.Prefix.BaseAddress.AddressFamily == TFamily.Family)];
        _next = [.. own.Select(prefix => TFamily.Prefix(prefix.Prefix, generation))];
        _trie.SetAll(_next, [.. own.Select(static prefix => new NatClass { Number = prefix.Class })]);
    }

    /// <summary>The next rules are in force: those before them go.</summary>
    public void Commit()
    {
        _ = _trie.RemoveAll(_inForce);
        (_inForce, _next) = (_next, []);
    }

    /// <summary>The next rules cannot be: they go.</summary>
    public void Discard()
    {
        _ = _trie.RemoveAll(_next);
        _next = [];
    }
}
