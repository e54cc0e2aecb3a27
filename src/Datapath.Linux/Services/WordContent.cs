using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>What a word in the kernel leads to, be it a frontend's, a range's or a further set's.</summary>
/// <param name="Head">Its first slot.</param>
/// <param name="Traits">What its header says.</param>
/// <param name="Slots">The slots that take traffic.</param>
/// <param name="Backends">Where they lead, by address.</param>
internal sealed record WordContent(SlotContent Head, FrontendTraits Traits, int Slots, ImmutableArray<ProgrammedBackend> Backends)
{
    public bool Passes => (Traits.Flags & HeaderFlags.Passes) != 0;

    /// <summary>Reads what a word leads to.</summary>
    /// <param name="value">The word.</param>
    /// <param name="slots">The slots of its family.</param>
    /// <param name="protocol">The protocol of what is dialed.</param>
    /// <returns><see langword="null"/> if it makes no sense: it points outside the slots or at empty ones.</returns>
    public static WordContent? Read<TSlot, TFamily>(FrontendValue value, BpfMappedArray<TSlot> slots, L4Protocol protocol)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var range = new SlotRange(value);
        if (range.First == 0 || range.First + range.Slots > slots.Count)
            return null;
        using var all = slots.Slice(range.First, range.Slots);
        var head = TFamily.Read(in all[0], protocol);
        if (head.FrontendId == 0)
            return null;
        var shares = new Dictionary<L4Address, (uint Id, int Slots)>();
        for (var i = range.FirstBackend - range.First; i < all.Length && range.Count > 0; i++)
        {
            var content = TFamily.Read(in all[i], protocol);
            ref var share = ref CollectionsMarshal.GetValueRefOrAddDefault(shares, content.Backend, out _);
            share = (content.BackendId, share.Slots + 1);
        }

        var backends = shares.Select(s => new ProgrammedBackend(s.Value.Id, s.Key, (double)s.Value.Slots / range.Count));
        return new(head, range.HasHeader ? TFamily.Traits(in all[0]) : default, range.Count, [.. backends.OrderBy(static b => b.Address)]);
    }

    /// <summary>Reads the further sets of whoever the word belongs to.</summary>
    /// <param name="slots">The slots of its family.</param>
    /// <param name="further">All further sets.</param>
    /// <param name="protocol">The protocol of what is dialed.</param>
    public ImmutableArray<ProgrammedSet> ReadSets<TSlot, TFamily>(BpfMappedArray<TSlot> slots, KernelSets further, L4Protocol protocol)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var sets = ImmutableArray.CreateBuilder<ProgrammedSet>();
        foreach (var (number, word) in further.SetsOf(Head.FrontendId))
        {
            if (Read<TSlot, TFamily>(word, slots, protocol) is { } set)
                sets.Add(new(number, set.Backends, set.Passes, [.. further.ClientsOf(Head.FrontendId, number).Select(static client => client.ToString())]));
        }

        return sets.ToImmutable();
    }
}
