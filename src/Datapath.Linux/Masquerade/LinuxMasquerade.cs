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
/// answers find back. Needs root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN. Minimum kernel: 5.18; best from 6.6 on, which
/// has tcx.
/// </summary>
public sealed partial class LinuxMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
    private readonly NetworkNamespace _namespace;
    private readonly PinFolder? _pins;
    private readonly FlowMove? _move;
    private readonly BpfObject _object;
    private readonly NatStateMap _state;
    private readonly RuleTables _rules;
    private readonly NatDevices _devices;
    private readonly FlowSweeper _sweeper;
    private readonly HeldFragments _held;
    private readonly LinuxMasqueradeOptions _options;
    private readonly DeviceWatcher _watcher;
    private readonly SweepTimer _timer;
    private readonly HookGuard _guard;
    private bool _isDisposed;
    private bool _hasBegun;

    private LinuxMasquerade(
        LinuxMasqueradeOptions options, ImmutableArray<ushort> reserved, NetworkNamespace network, PinFolder? pins, FlowMove? move, BpfObject loaded)
    {
        (_options, _namespace, _pins, _move, _object) = (options, network, pins, move, loaded);
        _faultListeners = new(FindFaults);
        try
        {
            _state = new(loaded.Maps[MasqueradeObject.State]);
            _state.Check(pins?.Path ?? "the process", network.Cookie);
            _state.Claim(network.Cookie);
            _rules = new(_state, loaded.Maps);
            if (pins is not null)
                _rules.Adopt();
            _sweeper = FlowSweeper.Load(options, loaded.Maps);
            _held = new(loaded);
            _devices = new(options, loaded, pins);
            _rules.SetPorts(options.FirstPort, options.LastPort);
            Reserve(reserved);
            _watcher = new(options.Devices.IsDefaultOrEmpty, () => Tell(network.Run(Refresh)));
            move?.Begin(_state);
            _ = Refresh();
            move?.End(_state);
            if (pins is not null)
            {
                _devices.RemoveOtherPrograms(pins);
                pins.DeleteOtherMaps(loaded.Maps.Keys);
            }
        }
        catch
        {
            _watcher?.Dispose();
            _devices?.Dispose();
            _held?.Dispose();
            _sweeper?.Dispose();
            _rules?.Dispose();
            _state?.Dispose();
            throw;
        }

        _watcher.Start();
        _timer = new(Sweep, options.SweepInterval, TimeProvider.System);
        _guard = new(LookAround, _faultListeners.TellIfNew, TimeProvider.System);
    }

    /// <summary>
    /// Loads the programs, adopts what an earlier process left behind (pinned lifetime) and attaches them to the devices, in the network namespace of the
    /// calling thread. Flows that run go on, and rules of an earlier process stay in force; without these nothing is translated until <see cref="Apply"/>.
    /// </summary>
    /// <param name="options">What it is to be.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DatapathInUseException">Another process manages the same pin folder.</exception>
    /// <exception cref="IncompatibleMapException">A pinned map is another than this version needs.</exception>
    /// <exception cref="IncompatibleStateException">
    /// Another version wrote the state, it belongs to another network namespace, or there are more flows than <see cref="LinuxMasqueradeOptions.MaxFlows"/>.
    /// </exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is too old; the message says what it lacks.</exception>
    /// <exception cref="LinuxException">The kernel refused; the message says what and what to do.</exception>
    public static LinuxMasquerade Open(LinuxMasqueradeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SweepInterval, TimeSpan.FromMilliseconds(10));
        var spec = MasqueradeSpec.Make(options);
        var reserved = ReservedPorts.Of(options);
        var network = NetworkNamespace.OpenCurrent();
        var pins = default(PinFolder);
        var move = default(FlowMove);
        var loaded = default(BpfObject);
        try
        {
            pins = options.Lifetime is DatapathLifetime.Pinned ? OpenPins(options, network.Cookie) : null;
            if (pins is not null)
            {
                move = FlowMove.Prepare(spec, pins);
                MapResizing.Run(spec, pins, MasqueradeMaps.Resizable);
            }

            loaded = BpfObject.Load(spec, pins is null ? null : new() { PinDirectory = PinFolder.MapsOf(pins.Path), ReusedMaps = move!.Tables });
            return new(options, reserved, network, pins, move, loaded);
        }
        catch
        {
            loaded?.Dispose();
            move?.Dispose();
            pins?.Dispose();
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Detaches the programs that a pinned one left, of whichever version, and deletes its pins and their folder. Flows that were translated end. Doing it twice is no error. Below
    /// Linux 6.6 call it in the network namespace of the devices.
    /// </summary>
    /// <param name="bpfRoot">The pin folder, see <see cref="LinuxMasqueradeOptions.BpfRoot"/>.</param>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="DatapathInUseException">A process manages it.</exception>
    /// <exception cref="LinuxException">Something may not be removed; or the folder holds something of somebody else (ENOTEMPTY), which the message names, and is all that is left.</exception>
    public static bool Uninstall(string bpfRoot)
    {
        using var pinned = PinnedMasquerade.TryOpen(bpfRoot);
        pinned?.Remove();
        return pinned is not null;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are more choices of addresses, or more addresses of a choice, than the programs know.</exception>
    /// <exception cref="BpfException">There is no room for them. Those before stay in force.</exception>
    public void Apply(MasqueradeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _guard.Look(); // rules are of use only where the programs are
        MasqueradeTakeover? takeover = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_hasBegun)
                _rules.Set(state, ListInterfaces());
            else
                takeover = ApplyFirst(state);
            _hasBegun = true;
        }

        if (takeover is not null)
            TookOver?.Invoke(this, takeover);
    }

    /// <inheritdoc/>
    public ImmutableArray<MasqueradeFlow> ReadFlows()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return
            [
                .. FlowReader.Read<FlowKey4, Flow4, Ipv4Flows>(_object.Maps[MasqueradeObject.Flows4], _options.Lifetimes).Select(static known => known.Flow),
                .. FlowReader.Read<FlowKey6, Flow6, Ipv6Flows>(_object.Maps[MasqueradeObject.Flows6], _options.Lifetimes).Select(static known => known.Flow),
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

    /// <summary>Removes flows that are over, and drops fragments whose first did not come within a second, as is done from time to time anyway.</summary>
    /// <returns>How many flows.</returns>
    public int Sweep()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return 0;
            _held.Sweep();
            return _sweeper.Sweep();
        }
    }

    /// <summary>
    /// Lets go. With the pinned lifetime rules stay in force and flows go on, though none that is over is removed; with the process's lifetime nothing is left,
    /// and flows that were translated end: their answers no longer find back.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _timer.Dispose();
        _guard.Dispose();
        _watcher.Dispose();
        _namespace.Run(_devices.Dispose);
        if (_pins is null && _state.IsHeard)
            _sweeper.EndAll(); // they end anyway, but who listens is told
        _held.Dispose();
        _sweeper.Dispose();
        _rules.Dispose();
        _state.Dispose();
        _object.Dispose();
        _move?.Dispose();
        _pins?.Dispose();
        _namespace.Dispose();
    }

    private (int Index, string Name)[] ListInterfaces() => _namespace.Run(static () =>
    {
        using var route = new RouteNetlink();
        return route.ListLinks().Select(static link => (link.Index, link.Name)).ToArray();
    });

    private static PinFolder OpenPins(LinuxMasqueradeOptions options, ulong network)
    {
        var pins = PinFolder.Open(options.BpfRoot, NatStateMap.ReadOwner);
        uint unfinished;
        try
        {
            using var state = NatStateMap.TryOpenPinned(pins.Path);
            state?.Check(pins.Path, network);
            unfinished = state is null ? 0 : FlowMove.FindUnfinished(pins, state);
            if (unfinished == 0 || unfinished == 2 * (uint)options.MaxFlows)
                return pins;
        }
        catch
        {
            pins.Dispose();
            throw;
        }

        // A process was killed while flows moved to tables of yet another size: that comes to its end first.
        pins.Dispose();
        Open(options with { MaxFlows = (int)(unfinished / 2) }).Dispose();
        return OpenPins(options, network);
    }

    private void Reserve(ImmutableArray<ushort> ports)
    {
        var taken = default(NatPorts);
        foreach (var port in ports)
            taken.Taken[port / 64] |= 1UL << (port % 64);
        using var memory = _object.Maps[MasqueradeObject.Ports].MapMemory<NatPorts>();
        memory.DangerousItem(0) = taken;
    }
}
