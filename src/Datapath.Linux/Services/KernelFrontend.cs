using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>Reads frontends as the kernel holds them.</summary>
internal static class KernelFrontend
{
    /// <summary>Reads the frontend behind a key and its value.</summary>
    /// <returns><see langword="null"/> if the value makes no sense: it points outside the slots or at empty ones, or belongs to another key.</returns>
    public static ProgrammedFrontend? Read<TKey, TSlot, TFamily>(in TKey key, FrontendValue value, BpfMappedArray<TSlot> slots, KernelSets further)
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TKey, TSlot>
    {
        var address = TFamily.Address(in key);
        if (value.KeyTag != TFamily.Tag(in key) || WordContent.Read<TSlot, TFamily>(value, slots, address.Protocol) is not { } own)
            return null;
        var sets = ImmutableArray.CreateBuilder<ProgrammedSet>();
        foreach (var (number, word) in further.SetsOf(own.Head.FrontendId))
        {
            if (WordContent.Read<TSlot, TFamily>(word, slots, address.Protocol) is { } set)
                sets.Add(new(number, set.Backends, set.Passes, [.. further.ClientsOf(own.Head.FrontendId, number).Select(static client => client.ToString())]));
        }

        return new(own.Head.FrontendId, address, own.Head.Type, own.Backends)
        {
            AffinitySeconds = own.Traits.AffinitySeconds,
            IsHostOnly = (own.Traits.Flags & HeaderFlags.HostOnly) != 0,
            Passes = own.Passes,
            FurtherSets = sets.ToImmutable(),
            Slots = own.Slots,
        };
    }

    /// <summary>What a word leads to.</summary>
    private sealed record WordContent(SlotContent Head, FrontendTraits Traits, int Slots, ImmutableArray<ProgrammedBackend> Backends)
    {
        public bool Passes => (Traits.Flags & HeaderFlags.Passes) != 0;

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
    }
}
