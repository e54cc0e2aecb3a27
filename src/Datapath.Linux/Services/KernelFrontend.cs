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
        return new(own.Head.FrontendId, address, own.Head.Type, own.Backends)
        {
            AffinitySeconds = own.Traits.AffinitySeconds,
            IsHostOnly = (own.Traits.Flags & HeaderFlags.HostOnly) != 0,
            Passes = own.Passes,
            FurtherSets = own.ReadSets<TSlot, TFamily>(slots, further, address.Protocol),
            Slots = own.Slots,
        };
    }
}
