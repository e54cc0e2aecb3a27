namespace Datapath.Linux.Services;

/// <summary>What differs between the families: how an address becomes a key, and back.</summary>
internal interface IFamily<TKey, TSlot> : IFamily<TSlot>
    where TKey : unmanaged, IEquatable<TKey>
    where TSlot : unmanaged
{
    static abstract TKey Key(L4Address address);

    static abstract L4Address Address(in TKey key);

    static abstract ushort Tag(in TKey key);
}

/// <summary>What differs between the families' slots.</summary>
internal interface IFamily<TSlot>
    where TSlot : unmanaged
{
    static abstract TSlot Slot(in SlotContent content);

    static abstract TSlot Header(uint frontendId, FrontendType type, FrontendTraits traits);

    static abstract SlotContent Read(in TSlot slot, L4Protocol protocol);

    /// <summary>Of what a slot says the backend's identifier alone.</summary>
    static abstract uint BackendId(in TSlot slot);

    /// <summary>What a header says.</summary>
    static abstract FrontendTraits Traits(in TSlot header);
}

/// <summary>A slot, without its family.</summary>
/// <param name="Backend">Where it leads; without meaning if <paramref name="BackendId"/> is 0.</param>
/// <param name="BackendId">The backend; 0 in a header and in the slot of a frontend that has none.</param>
/// <param name="FrontendId">The frontend.</param>
/// <param name="Type">Why the frontend exists.</param>
internal readonly record struct SlotContent(L4Address Backend, uint BackendId, uint FrontendId, FrontendType Type);
