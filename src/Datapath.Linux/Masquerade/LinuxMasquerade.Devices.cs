using System.Collections.Immutable;
using System.Net;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <content>Devices come, go, and change their addresses.</content>
public sealed partial class LinuxMasquerade
{
    private Dictionary<IPAddress, int> _ownAddresses = []; // of the machine, as far as a device has it

    /// <summary>
    /// Raised when a device translates to another address, and when an address that flows were translated to is gone from the machine: such flows are
    /// ended. On a thread of the engine's, or the one that called <see cref="RefreshDevices"/>; a handler must not throw.
    /// </summary>
    public event EventHandler<MasqueradeAddressChange>? AddressChanged;

    /// <inheritdoc/>
    public ImmutableArray<MasqueradeDevice> Devices
    {
        get
        {
            lock (_gate)
                return _devices.Devices;
        }
    }

    /// <summary>Looks again which devices there are and which addresses they have, as is done anyway when the kernel tells of a change.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void RefreshDevices()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Tell(_namespace.Run(Refresh));
    }

    /// <summary>How it is now: what it covers, and what may leak. Programs that were detached are attached again before.</summary>
    /// <exception cref="LinuxException">The kernel refused to list its routes.</exception>
    public LinuxMasqueradeStatus GetStatus()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _guard.Look();
        return _namespace.Run(ReadStatus);
    }

    private LinuxMasqueradeStatus ReadStatus()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            using var route = new RouteNetlink();
            var devices = _devices.Devices;
            var counters = ReadCounters();
            return new LinuxMasqueradeStatus
            {
                Devices = devices,
                Warnings =
                [
                    .. _history.Warn(),
                    .. FindLastingFaults(),
                    .. StatusWarnings.OfSweeps(_timer.Failure),
                    .. StatusWarnings.Of(_watcher.Failure, _rules.AreAdopted, counters[nameof(NatCounter.NoRouteSource)], counters[nameof(NatCounter.MappedByPeer)], devices),
                    .. OtherTranslators.Find(devices, _object.Programs[MasqueradeObject.Egress].Id),
                    .. RouteLeaks.Find(_rules.State, route.ListRoutes(), route.ListLinks(), devices.Select(static device => device.Index).ToHashSet()),
                ],
            };
        }
    }

    private Sighting Refresh()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return new([], []);
            var survey = NetworkSurvey.Take(_options.Devices.IsDefaultOrEmpty);
            var detached = new List<MasqueradeDetachment>();
            var changes = _devices.Refresh([.. DeviceSearch.Find(_options.Devices, _options.NodeAddresses, survey)], detached);
            foreach (var again in detached.Where(static detachment => detachment.Failure is null))
                _history.Add(again.ToString());
            _rules.SetInterfaces([.. survey.Links.Select(static link => (link.Index, link.Name))]);
            return new(FollowAddresses(changes, survey.Addresses), detached);
        }
    }

    private List<MasqueradeAddressChange> FollowAddresses(IReadOnlyList<(string Device, IPAddress Old, IPAddress? New)> changes, IReadOnlyList<NetworkAddress> addresses)
    {
        var now = addresses.DistinctBy(static address => address.Address).ToDictionary(static address => address.Address, static address => address.InterfaceIndex);
        var told = new List<MasqueradeAddressChange>();
        foreach (var (device, old, @new) in changes)
        {
            var isGone = !now.ContainsKey(old);
            told.Add(new(device, old, @new, isGone ? _sweeper.EndTranslatedTo(old) : FlowsOfAddress.Count(_object.Maps, old), isGone));
        }

        // Flows may have kept an address that was the device's before. Where it had them is told if there were any.
        foreach (var (gone, index) in _ownAddresses.Where(own => !now.ContainsKey(own.Key) && changes.All(change => !change.Old.Equals(own.Key))))
        {
            var ended = _sweeper.EndTranslatedTo(gone);
            if (ended > 0 && _devices.Devices.FirstOrDefault(device => device.Index == index) is { } device)
                told.Add(new(device.Name, gone, gone.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? device.IPv4 : device.IPv6, ended, true));
        }

        _ownAddresses = now;
        return told;
    }

    private void Tell(Sighting seen)
    {
        foreach (var change in seen.Addresses)
            AddressChanged?.Invoke(this, change);
        foreach (var detachment in seen.Detachments)
            Detached?.Invoke(this, detachment);
    }

    /// <summary>What a look at the devices found that others are to be told of.</summary>
    private sealed record Sighting(List<MasqueradeAddressChange> Addresses, List<MasqueradeDetachment> Detachments);
}
