using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>The devices whose packets are translated: the programs at them, and what the programs know of them.</summary>
internal sealed class NatDevices : IDisposable
{
    private const uint EthernetHeader = 14;

    private readonly LinuxMasqueradeOptions _options;
    private readonly BpfObject _programs;
    private readonly PinFolder? _pins;
    private readonly BpfHashMap<uint, NatDevice> _map;
    private readonly Dictionary<int, Attached> _attached = [];
    private readonly HashSet<int> _left; // by an earlier process, and not taken over yet

    public NatDevices(LinuxMasqueradeOptions options, BpfObject programs, PinFolder? pins)
    {
        (_options, _programs, _pins) = (options, programs, pins);
        _map = programs.Maps[MasqueradeObject.Devices].AsHash<uint, NatDevice>();
        _left = [.. ListOf(_map)];
    }

    /// <summary>The devices, by name.</summary>
    public ImmutableArray<MasqueradeDevice> Devices => [.. _attached.Values.Select(static a => a.Device).OrderBy(static d => d.Name, StringComparer.Ordinal)];

    /// <summary>Attaches to devices that have come, and notes the addresses of all. Call it on a thread in their network namespace.</summary>
    public void Refresh(IReadOnlyList<NetworkLink> links, IReadOnlyList<NetworkAddress> addresses)
    {
        NetworkLink[] meant = [.. links.Where(link => IsMeant(link.Name))];
        foreach (var link in meant)
        {
            var own = addresses.Where(address => address.InterfaceIndex == link.Index).ToArray();
            var device = new MasqueradeDevice(link.Name, link.Index, Primary(own, AddressFamily.InterNetwork), Primary(own, AddressFamily.InterNetworkV6));
            Write(device, link);
            if (_attached.TryGetValue(link.Index, out var known))
                _attached[link.Index] = known with { Device = device };
            else
                _attached.Add(link.Index, new(device, NatHook.AttachAll(_programs, link.Index, _options.Mechanism, _pins)));
            _ = _left.Remove(link.Index);
        }

        foreach (var gone in _attached.Keys.Union(_left).Except(meant.Select(static link => link.Index)).ToArray())
            Remove(gone);
    }

    /// <summary>Lets go: what is pinned stays.</summary>
    public void Dispose()
    {
        foreach (var attached in _attached.Values)
            attached.Dispose();
        _attached.Clear();
    }

    /// <summary>Public addresses come before private ones, and those that are good on the link alone are none.</summary>
    internal static IPAddress? Primary(IEnumerable<NetworkAddress> addresses, AddressFamily family) => addresses
        .Where(address => address.Address.AddressFamily == family && !address.IsTentative && !IsLinkLocal(address.Address))
        .Select(static address => address.Address)
        .OrderBy(IsPrivate)
        .FirstOrDefault();

    private static bool IsLinkLocal(IPAddress address) => address.IsIPv6LinkLocal || IPAddress.IsLoopback(address) || s_linkLocal.Contains(address);

    private static bool IsPrivate(IPAddress address) => address.IsIPv6UniqueLocal || s_private.Any(network => network.Contains(address));

    private static readonly IPNetwork s_linkLocal = IPNetwork.Parse("169.254.0.0/16");

    private static readonly IPNetwork[] s_private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10")];

    private bool IsMeant(string name) => _options.Devices.Any(pattern => new MasqueradeInterface(pattern, 0).Matches(name));

    /// <summary>The devices that programs know, by number.</summary>
    internal static IEnumerable<int> ListOf(BpfHashMap<uint, NatDevice> map) => map.ToList().Select(static entry => (int)entry.Key);

    private void Write(MasqueradeDevice device, NetworkLink link)
    {
        var written = new NatDevice { LinkHeader = link.MacAddress.GetAddressBytes().Length == 6 ? EthernetHeader : 0 };
        if (device.IPv4 is { } ipv4)
            written.Address4 = NatAddress.Words4(ipv4);
        if (device.IPv6 is { } ipv6)
            written.Address6 = NatAddress.Words6(ipv6);
        _map.Set((uint)link.Index, written);
    }

    private void Remove(int index)
    {
        if (_attached.Remove(index, out var attached))
            attached.Remove();
        else if (_pins is not null)
            NatHook.RemoveAll(index, _pins);
        _ = _left.Remove(index);
        _ = _map.Remove((uint)index);
    }

    private sealed record Attached(MasqueradeDevice Device, NatHook[] Hooks) : IDisposable
    {
        public void Remove()
        {
            foreach (var hook in Hooks)
                hook.Remove();
        }

        public void Dispose()
        {
            foreach (var hook in Hooks)
                hook.Dispose();
        }
    }
}
