using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <summary>
/// Egress NAT at devices of a network namespace, by eBPF programs of tc: packets that leave get an address of the machine where the rules say so, and
/// answers find back. It lives with its process. Needs root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN. Minimum kernel: 5.18; best from 6.6 on, which
/// has tcx.
/// </summary>
public sealed class LinuxMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
    private readonly NetworkNamespace _namespace;
    private readonly BpfObject _object;
    private readonly RuleTables _rules;
    private readonly NatDevices _devices;
    private readonly FlowSweeper _sweeper;
    private readonly Timer _timer;
    private bool _isDisposed;

    private LinuxMasquerade(LinuxMasqueradeOptions options, NetworkNamespace network, BpfObject loaded)
    {
        (_namespace, _object) = (network, loaded);
        _devices = new(options.Devices, loaded);
        try
        {
            _rules = new(loaded.Maps);
            _sweeper = FlowSweeper.Load(options, loaded.Maps);
            _rules.SetPorts(options.FirstPort, options.LastPort);
            Reserve(options.ReservedPorts);
            RefreshDevices();
        }
        catch
        {
            _sweeper?.Dispose();
            _devices.Dispose();
            _rules?.Dispose();
            throw;
        }

        _timer = new(_ => _ = Sweep(), null, options.SweepInterval, options.SweepInterval);
    }

    /// <inheritdoc/>
    public ImmutableArray<MasqueradeDevice> Devices
    {
        get
        {
            lock (_gate)
                return _devices.Devices;
        }
    }

    /// <summary>Loads the programs and attaches them to the devices, in the network namespace of the calling thread. Until <see cref="Apply"/> nothing is translated.</summary>
    /// <param name="options">What it is to be.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is too old; the message says what it lacks.</exception>
    /// <exception cref="LinuxException">The kernel refused; the message says what and what to do.</exception>
    public static LinuxMasquerade Open(LinuxMasqueradeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        DeviceSearch.ThrowIfNone(options.Devices);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SweepInterval, TimeSpan.FromMilliseconds(10));
        var network = NetworkNamespace.OpenCurrent();
        BpfObject? loaded = null;
        try
        {
            loaded = BpfObject.Load(MasqueradeSpec.Make(options));
            return new(options, network, loaded);
        }
        catch
        {
            loaded?.Dispose();
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are more choices of addresses, or more addresses of a choice, than the programs know.</exception>
    /// <exception cref="BpfException">There is no room for them. Those before stay in force.</exception>
    public void Apply(MasqueradeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _rules.Set(state, ListInterfaces());
        }
    }

    /// <summary>Looks again which devices there are and which addresses they have.</summary>
    public void RefreshDevices() => _namespace.Run(() =>
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            using var route = new RouteNetlink();
            var links = route.ListLinks();
            _devices.Refresh(links, route.ListAddresses());
            _rules.SetInterfaces([.. links.Select(static link => (link.Index, link.Name))]);
        }
    });

    /// <inheritdoc/>
    public ImmutableArray<MasqueradeFlow> ReadFlows()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return
            [
                .. FlowReader.Read<FlowKey4, Flow4, Ipv4Flows>(_object.Maps[MasqueradeObject.Flows4]),
                .. FlowReader.Read<FlowKey6, Flow6, Ipv6Flows>(_object.Maps[MasqueradeObject.Flows6]),
            ];
        }
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, long> ReadCounters()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var counters = _object.Maps[MasqueradeObject.Counters].AsPerCpuArray<ulong>();
            return Enum.GetValues<NatCounter>().ToImmutableSortedDictionary(
                static counter => counter.ToString(), counter => counters.Read((uint)counter).Sum(static count => (long)count), StringComparer.Ordinal);
        }
    }

    /// <summary>Removes flows that are over, as is done from time to time anyway.</summary>
    /// <returns>How many.</returns>
    public int Sweep()
    {
        lock (_gate)
            return _isDisposed ? 0 : _sweeper.Sweep();
    }

    /// <summary>Detaches the programs. Flows that were translated end: their answers no longer find back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _timer.Dispose();
        _namespace.Run(_devices.Dispose);
        _sweeper.Dispose();
        _rules.Dispose();
        _object.Dispose();
        _namespace.Dispose();
    }

    private (int Index, string Name)[] ListInterfaces() => _namespace.Run(static () =>
    {
        using var route = new RouteNetlink();
        return route.ListLinks().Select(static link => (link.Index, link.Name)).ToArray();
    });

    private void Reserve(ImmutableArray<ushort> ports)
    {
        using var memory = _object.Maps[MasqueradeObject.Ports].MapMemory<NatPorts>();
        ref var taken = ref memory.DangerousItem(0).Taken;
        foreach (var port in ports)
            taken[port / 64] |= 1UL << (port % 64);
    }
}
