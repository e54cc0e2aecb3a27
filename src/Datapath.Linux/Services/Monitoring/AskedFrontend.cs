using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The frontend that a listener asks for. Its identifier is another one if it goes and comes again.</summary>
internal sealed class AskedFrontend : IDisposable
{
    /// <summary>What no frontend has.</summary>
    private const uint Nobody = uint.MaxValue;

    private readonly L4Address _address;
    private readonly BpfMap _frontends;
    private readonly BpfMap _slots;

    /// <param name="address">Its address.</param>
    /// <param name="open">Opens a map by name.</param>
    public AskedFrontend(L4Address address, Func<string, BpfMap> open)
    {
        _address = address;
        _frontends = open(address.IsIPv4 ? SocketLbObject.Frontends4 : SocketLbObject.Frontends6);
        try
        {
            _slots = open(address.IsIPv4 ? SocketLbObject.Slots4 : SocketLbObject.Slots6);
        }
        catch
        {
            _frontends.Dispose();
            throw;
        }
    }

    /// <summary>The identifier that it has now, or one that no frontend has.</summary>
    public uint ReadId() => _address.IsIPv4 ? ReadId<FrontendKey4, Slot4, Ipv4Family>() : ReadId<FrontendKey6, Slot6, Ipv6Family>();

    public void Dispose()
    {
        _frontends.Dispose();
        _slots.Dispose();
    }

    private uint ReadId<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
        TFamily>()
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TKey, TSlot>
    {
        var key = TFamily.Key(_address);
        if (!_frontends.AsHash<TKey, FrontendValue>().TryGetValue(in key, out var value))
            return Nobody;
        var head = _slots.AsArray<TSlot>()[value.First];
        return TFamily.Read(in head, _address.Protocol).FrontendId;
    }
}
