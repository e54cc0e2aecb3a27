using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Listening;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

/// <summary>
/// Listens to egress NAT by eBPF (<see cref="LinuxMasquerade"/>): packets that were dropped, and mappings as flows are given them and as they end. From the
/// opening on, events are kept in a ring until they are read. While nobody listens, nothing is written. Needs the rights of <see cref="LinuxMasquerade"/>.
/// Minimum kernel: 5.18.
/// </summary>
public sealed class MasqueradeMonitor : IDisposable
{
    private readonly string? _bpfRoot;
    private readonly NatSeat _seat;
    private readonly ListenerFolder? _folder;
    private readonly BpfMap _untold;
    private readonly ListenerCount _lost;
    private readonly ListenerCount _heldBack;
    private readonly NatEventReader _reader;
    private readonly RingListener<NatEvent> _listener;

    private MasqueradeMonitor(string? bpfRoot, Func<string, BpfMap> open, MasqueradeMonitorOptions options)
    {
        (_bpfRoot, _seat) = (bpfRoot, new(options.KeepsLog));
        _folder = bpfRoot is null ? null : Lock(bpfRoot, open);
        var lease = default(NatLease);
        var ring = default(BpfRingBuffer);
        try
        {
            using (BpfMap listeners = open(MasqueradeObject.Listeners), state = open(MasqueradeObject.State), paces = open(MasqueradeObject.Paces))
            {
                lease = new(listeners, state, options);
                lease.Forget(paces);
            }

            ring = OpenRing(open);
            _untold = open(MasqueradeObject.Untold);
            (_lost, _heldBack) = (new(_untold, _seat.LostIndex), new(_untold, _seat.HeldBackIndex));
            _reader = new(options.DeviceNames);
            _listener = new(ring, lease, [_lost, _heldBack], Check);
        }
        catch
        {
            ring?.Dispose();
            lease?.Dispose();
            DisposeParts();
            throw;
        }
    }

    /// <summary>How many events were asked for since the opening and found no room in the ring. Also after <see cref="Dispose"/>, as of then.</summary>
    public long Lost => _listener.Read(_lost);

    /// <summary>
    /// The times since the opening in which events were neither told nor counted, because this process was stopped for more than five seconds. They are noticed
    /// within a second after that. Also after <see cref="Dispose"/>, as of then.
    /// </summary>
    public ImmutableArray<ListeningGap> Gaps => _listener.Gaps;

    /// <summary>
    /// How many packets were asked for since the opening and held back by <see cref="MasqueradeMonitorOptions.PacketsPerSecond"/>. Also after
    /// <see cref="Dispose"/>, as of then.
    /// </summary>
    public long HeldBack => _listener.Read(_heldBack);

    /// <summary>Listens to egress NAT of this process. It may be disposed first; then nothing more is heard but the end of its flows.</summary>
    /// <param name="masquerade">The engine.</param>
    /// <param name="options">What to hear; by default everything.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or two contradict each other.</exception>
    /// <exception cref="MasqueradeMonitorInUseException">Somebody listens already, for the same purpose.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static MasqueradeMonitor Open(LinuxMasquerade masquerade, MasqueradeMonitorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(masquerade);
        options = Checked(options);
        return new(masquerade.PinPath, masquerade.OpenMap, options with { DeviceNames = options.DeviceNames ?? masquerade.NameOfDevice });
    }

    /// <summary>Listens to pinned egress NAT, which any process may manage, or none.</summary>
    /// <param name="bpfRoot">The pin folder, see <see cref="LinuxMasqueradeOptions.BpfRoot"/>.</param>
    /// <param name="options">What to hear; by default everything.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or two contradict each other.</exception>
    /// <exception cref="MasqueradeMonitorInUseException">Somebody listens already, for the same purpose.</exception>
    /// <exception cref="IncompatibleStateException">Another version manages it.</exception>
    /// <exception cref="LinuxException">There is no egress NAT by eBPF, or the kernel refused.</exception>
    public static MasqueradeMonitor Open(string bpfRoot, MasqueradeMonitorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(bpfRoot);
        NatStateMap.ThrowIfUnreadable(bpfRoot);
        return new(bpfRoot, name => BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), name)), Checked(options));
    }

    /// <summary>
    /// The events, until the monitor is disposed: in the order in which they were written, which is that of their times but for some microseconds. The time of
    /// a mapping's end is before that of another with its port. One reader at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <exception cref="InvalidOperationException">Somebody reads already.</exception>
    /// <exception cref="LinuxException">Egress NAT was uninstalled (ENOENT), or the kernel refused to go on.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed before the enumeration began.</exception>
    public async IAsyncEnumerable<MasqueradeEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var told in _listener.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return _reader.Read(in told);
    }

    /// <summary>Stops listening. Who reads is told that there is nothing more.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        DisposeParts();
    }

    private static MasqueradeMonitorOptions Checked(MasqueradeMonitorOptions? options)
    {
        options ??= new();
        options.ThrowIfInvalid();
        return options;
    }

    private ListenerFolder Lock(string bpfRoot, Func<string, BpfMap> open) =>
        ListenerFolder.TryTake(_seat.FolderIn(bpfRoot)) ?? throw new MasqueradeMonitorInUseException($"'{bpfRoot}'", _seat.KeepsLog, ReadListener(open));

    private BpfRingBuffer OpenRing(Func<string, BpfMap> open)
    {
        using var map = open(_seat.Ring);
        try
        {
            return BpfRingBuffer.Open(map);
        }
        catch (InvalidOperationException e) // only this process can listen to what has no pins, and with pins the lock was in the way
        {
            throw new MasqueradeMonitorInUseException("this process", _seat.KeepsLog, ReadListener(open), e);
        }
    }

    private uint ReadListener(Func<string, BpfMap> open)
    {
        using var map = open(MasqueradeObject.Listeners);
        return map.AsArray<NatListener>()[_seat.Index].Pid;
    }

    private void Check()
    {
        if (_folder is not null && !_folder.IsInPlace())
            throw new LinuxException($"listen to the masquerading of '{_bpfRoot}'", Errno.ENOENT, "it was uninstalled");
        _reader.SetClock();
    }

    private void DisposeParts()
    {
        _untold?.Dispose();
        _folder?.Dispose();
    }
}
