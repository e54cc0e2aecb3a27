using System.Collections.Immutable;
using System.Net;
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
    private readonly Dictionary<int, (IPAddress? IPv4, IPAddress? IPv6)> _addresses = []; // that flows are translated to, by device
    private readonly Dictionary<int, MasqueradeDetachment> _failing = []; // whose programs cannot be attached again, by device
    private readonly HashSet<int> _left; // by an earlier process, and not taken over yet

    public NatDevices(LinuxMasqueradeOptions options, BpfObject programs, PinFolder? pins)
    {
        (_options, _programs, _pins) = (options, programs, pins);
        _map = programs.Maps[MasqueradeObject.Devices].AsHash<uint, NatDevice>();
        _left = [.. _map.ToList().Select(static entry => (int)entry.Key)];
        foreach (var (index, device) in _map.ToList())
            _addresses.Add((int)index, (AddressOf(NatAddress.Of(device.Address4)), AddressOf(NatAddress.Of(device.Address6))));
    }

    /// <summary>The devices, by name.</summary>
    public ImmutableArray<MasqueradeDevice> Devices => [.. _attached.Values.Select(static a => a.Device).OrderBy(static d => d.Name, StringComparer.Ordinal)];

    /// <summary>The devices whose programs were detached and cannot be attached again, as the last look found.</summary>
    public IEnumerable<MasqueradeDetachment> Failing => _failing.Values.OrderBy(static f => f.Device, StringComparer.Ordinal);

    /// <summary>The links that are attached, with the names of their pins.</summary>
    public IEnumerable<(string Pin, BpfLink Link)> Links => _attached.Values.SelectMany(static a => a.Hooks).Where(static hook => hook.IsAttached).Select(static hook => hook.Link).OfType<(string, BpfLink)>();

    /// <summary>Whether a program is no longer at its device: it was detached, or the device is gone. From any thread.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool IsIncomplete => _attached.Values.Any(static attached => attached.Hooks.Any(static hook => !hook.IsAttached));

    /// <summary>
    /// Attaches to devices that have come, and again where programs were detached, and notes the addresses of all. Call it on a thread in their network namespace.
    /// </summary>
    /// <param name="found">The devices that there are to be.</param>
    /// <param name="detached">Gets what was detached, if that is new: a program that is attached again, or cannot be for a reason that was not told yet.</param>
    /// <returns>The addresses that flows were translated to and new ones are not, each with its device and the address in its place.</returns>
    public IReadOnlyList<(string Device, IPAddress Old, IPAddress? New)> Refresh(
        IReadOnlyList<(NetworkLink Link, MasqueradeDevice Device)> found, List<MasqueradeDetachment> detached)
    {
        var changes = new List<(string Device, IPAddress Old, IPAddress? New)>();
        foreach (var (link, device) in found)
        {
            if (!TryAttach(device, Written(device, link), detached))
                continue;
            _ = _left.Remove(link.Index);
            Note(device, changes);
        }

        foreach (var gone in _attached.Keys.Union(_left).Except(found.Select(static f => f.Link.Index)).ToArray())
        {
            if (_attached.TryGetValue(gone, out var known))
                Note(known.Device with { IPv4 = null, IPv6 = null }, changes);
            Remove(gone);
        }

        return changes;
    }

    /// <summary>Lets go: what is pinned stays.</summary>
    public void Dispose()
    {
        foreach (var attached in _attached.Values)
            attached.Dispose();
        _attached.Clear();
    }

    /// <summary>Removes what another version left at the devices and this one has no program for.</summary>
    public void RemoveOtherPrograms(PinFolder pins) => NatHook.RemoveOthers(pins, _attached.Keys);

    private static IPAddress? AddressOf(IPAddress written) => written.Equals(IPAddress.Any) || written.Equals(IPAddress.IPv6Any) ? null : written;

    private static NatDevice Written(MasqueradeDevice device, NetworkLink link)
    {
        var written = new NatDevice { LinkHeader = link.MacAddress.GetAddressBytes().Length == 6 ? EthernetHeader : 0 };
        if (device.IPv4 is { } ipv4)
            written.Address4 = NatAddress.Words4(ipv4);
        if (device.IPv6 is { } ipv6)
            written.Address6 = NatAddress.Words6(ipv6);
        return written;
    }

    private bool TryAttach(MasqueradeDevice device, NatDevice written, List<MasqueradeDetachment> detached)
    {
        _map.Set((uint)device.Index, written);
        if (_attached.TryGetValue(device.Index, out var known))
        {
            _attached[device.Index] = known with { Device = device };
            return TryAttachAgain(device, known.Hooks, detached);
        }

        try
        {
            _attached.Add(device.Index, new(device, NatHook.AttachAll(_programs, device.Index, _options.Mechanism, _pins)));
            return true;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENODEV or Errno.ENOLINK)
        {
            Remove(device.Index); // it was removed after it had been listed
            return false;
        }
    }

    // In the order in which they were attached: what takes answers back comes first.
    private bool TryAttachAgain(MasqueradeDevice device, NatHook[] hooks, List<MasqueradeDetachment> detached)
    {
        int[] missing = [.. Enumerable.Range(0, hooks.Length).Where(i => !hooks[i].IsAttached)];
        if (missing.Length == 0)
        {
            _ = _failing.Remove(device.Index);
            return true;
        }

        var told = new MasqueradeDetachment(device.Name, [.. missing.Select(i => hooks[i].Program)]);
        try
        {
            foreach (var i in missing)
                hooks[i] = hooks[i].AttachAgain();
            _ = _failing.Remove(device.Index);
            detached.Add(told);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENODEV or Errno.ENOLINK)
        {
            Remove(device.Index); // it was removed after it had been listed
            return false;
        }
        catch (LinuxException e)
        {
            told = told with { Failure = e.Message };
            if (_failing.GetValueOrDefault(device.Index)?.Failure != told.Failure)
                detached.Add(told);
            _failing[device.Index] = told;
        }

        return true;
    }

    private void Note(MasqueradeDevice device, List<(string Device, IPAddress Old, IPAddress? New)> changes)
    {
        var before = _addresses.GetValueOrDefault(device.Index);
        if (before.IPv4 is { } ipv4 && !ipv4.Equals(device.IPv4))
            changes.Add((device.Name, ipv4, device.IPv4));
        if (before.IPv6 is { } ipv6 && !ipv6.Equals(device.IPv6))
            changes.Add((device.Name, ipv6, device.IPv6));
        _addresses[device.Index] = (device.IPv4, device.IPv6);
    }

    private void Remove(int index)
    {
        if (_attached.Remove(index, out var attached))
            attached.Remove();
        else if (_pins is not null)
            NatHook.RemoveAll(index, _pins);
        _ = _left.Remove(index);
        _ = _failing.Remove(index);
        _ = _addresses.Remove(index);
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
