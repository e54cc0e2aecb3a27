namespace Datapath.Linux.Services;

/// <summary>What differs between the families: how an address becomes a key or a slot, and back.</summary>
internal interface IFamily<TKey, TSlot>
    where TKey : unmanaged, IEquatable<TKey>
    where TSlot : unmanaged
{
    static abstract TKey Key(L4Address address);

    static abstract L4Address Address(in TKey key);

    static abstract ushort Tag(in TKey key);

    static abstract TSlot Slot(in SlotContent content);

    static abstract SlotContent Read(in TSlot slot, L4Protocol protocol);
}

/// <summary>A slot, without its family.</summary>
/// <param name="Backend">Where it leads; without meaning if <paramref name="BackendId"/> is 0.</param>
/// <param name="BackendId">The backend; 0 in the slot of a frontend that has none.</param>
/// <param name="FrontendId">The frontend.</param>
/// <param name="Type">Why the frontend exists.</param>
internal readonly record struct SlotContent(L4Address Backend, uint BackendId, uint FrontendId, FrontendType Type);
