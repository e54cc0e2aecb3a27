using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>The devices whose packets are translated: the programs at them, and what the programs know of them.</summary>
internal sealed class NatDevices(ImmutableArray<string> patterns, BpfObject programs) : IDisposable
{
    private const uint EthernetHeader = 14;

    private readonly BpfHashMap<uint, NatDevice> _map = programs.Maps[MasqueradeObject.Devices].AsHash<uint, NatDevice>();
    private readonly Dictionary<int, Attached> _attached = [];

    /// <summary>The devices, by name.</summary>
    public ImmutableArray<MasqueradeDevice> Devices => [.. _attached.Values.Select(static a => a.Device).OrderBy(static d => d.Name, StringComparer.Ordinal)];

    /// <summary>Attaches to devices that have come, and notes the addresses of all. Call it on a thread in their network namespace.</summary>
    public void Refresh(IReadOnlyList<NetworkLink> links, IReadOnlyList<NetworkAddress> addresses)
    {
        foreach (var gone in _attached.Keys.Except(links.Select(static link => link.Index)).ToArray())
        {
            _attached[gone].Dispose();
            _ = _attached.Remove(gone);
            _ = _map.Remove((uint)gone);
        }

        foreach (var (link, device) in DeviceSearch.Find(patterns, links, addresses))
        {
            var written = new NatDevice { LinkHeader = link.MacAddress.GetAddressBytes().Length == 6 ? EthernetHeader : 0 };
            if (device.IPv4 is { } ipv4)
                written.Address4 = NatAddress.Words4(ipv4);
            if (device.IPv6 is { } ipv6)
                written.Address6 = NatAddress.Words6(ipv6);
            _map.Set((uint)link.Index, written);
            if (_attached.TryGetValue(link.Index, out var known))
                _attached[link.Index] = known with { Device = device };
            else
                _attached.Add(link.Index, Attach(device));
        }
    }

    public void Dispose()
    {
        foreach (var attached in _attached.Values)
            attached.Dispose();
        _attached.Clear();
    }

    private Attached Attach(MasqueradeDevice device)
    {
        var egress = TcAttachment.Attach(programs.Programs[MasqueradeObject.Egress], new() { InterfaceIndex = device.Index, Direction = TcxDirection.Egress });
        try
        {
            // First, so that the answer to a source is nobody else's: a service's on the same port, for example.
            var ingress = TcAttachment.Attach(
                programs.Programs[MasqueradeObject.Ingress], new() { InterfaceIndex = device.Index, Direction = TcxDirection.Ingress, Position = TcPosition.First });
            return new(device, egress, ingress);
        }
        catch
        {
            egress.Dispose();
            throw;
        }
    }

    private sealed record Attached(MasqueradeDevice Device, TcAttachment Egress, TcAttachment Ingress) : IDisposable
    {
        public void Dispose()
        {
            Egress.Dispose();
            Ingress.Dispose();
        }
    }
}
