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
        var occupied = Math.Max(value.Count, 1);
        if (value.First == 0 || value.First + occupied > slots.Count || (ushort)(value.Range >> (int)RangeBits.TagShift) != TFamily.Tag(in key))
            return null;
        var address = TFamily.Address(in key);
        using var range = slots.Slice(value.First, occupied);
        var head = TFamily.Read(in range[0], address.Protocol);
        if (head.FrontendId == 0)
            return null;
        if (value.Count == 0)
            return new(head.FrontendId, address, head.Type, []);

        var shares = new Dictionary<L4Address, (uint Id, int Slots)>();
        foreach (ref readonly var slot in range)
        {
            var content = TFamily.Read(in slot, address.Protocol);
            ref var share = ref CollectionsMarshal.GetValueRefOrAddDefault(shares, content.Backend, out _);
            share = (content.BackendId, share.Slots + 1);
        }

        var backends = shares.Select(s => new ProgrammedBackend(s.Value.Id, s.Key, (double)s.Value.Slots / value.Count));
        return new(head.FrontendId, address, head.Type, [.. backends.OrderBy(static b => b.Address)]);
    }
}
