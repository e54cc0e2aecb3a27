using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>Reads frontends as the kernel holds them.</summary>
internal static class KernelFrontend
{
    /// <summary>Reads the frontend behind a key and its value.</summary>
    /// <returns><see langword="null"/> if the value makes no sense: it points outside the slots or at empty ones, or belongs to another key.</returns>
    public static ProgrammedFrontend? Read<TKey, TSlot, TFamily>(in TKey key, FrontendValue value, BpfMappedArray<TSlot> slots)
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TKey, TSlot>
    {
        var range = new SlotRange(value);
        if (range.First == 0 || range.First + range.Slots > slots.Count || (ushort)(value.Range >> (int)RangeBits.TagShift) != TFamily.Tag(in key))
            return null;
        var address = TFamily.Address(in key);
        using var all = slots.Slice(range.First, range.Slots);
        var head = TFamily.Read(in all[0], address.Protocol);
        if (head.FrontendId == 0)
            return null;
        var traits = range.HasHeader ? TFamily.Traits(in all[0]) : default;
        if (range.Count == 0)
            return Make([]);

        var shares = new Dictionary<L4Address, (uint Id, int Slots)>();
        for (var i = range.HasHeader ? 1 : 0; i < all.Length; i++)
        {
            var content = TFamily.Read(in all[i], address.Protocol);
            ref var share = ref CollectionsMarshal.GetValueRefOrAddDefault(shares, content.Backend, out _);
            share = (content.BackendId, share.Slots + 1);
        }

        return Make(shares.Select(s => new ProgrammedBackend(s.Value.Id, s.Key, (double)s.Value.Slots / range.Count)).OrderBy(static b => b.Address));

        ProgrammedFrontend Make(IEnumerable<ProgrammedBackend> backends) => new(head.FrontendId, address, head.Type, [.. backends])
        {
            AffinitySeconds = traits.AffinitySeconds,
            IsHostOnly = (traits.Flags & HeaderFlags.HostOnly) != 0,
            Slots = range.Count,
        };
    }
}
