using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Services;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

/// <summary>
/// Listens to the dials of a datapath's clients: those to services, each with what became of it and why. From the opening on, dials are kept in a ring of
/// <see cref="LinuxDatapathOptions.TraceBufferSize"/> bytes until they are read. One listener a datapath; while there is none, dials cost what they cost
/// without this. Needs the rights of <see cref="LinuxDatapath"/>. Minimum kernel: 5.18.
/// </summary>
public sealed class DialMonitor : IDisposable
{
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly string? _bpfRoot;
    private readonly SafeFileHandle? _lock; // of the folder of maps, which ends with the process however that ends; the pin folder's own is the manager's
    private readonly BpfRingBuffer _ring;
    private readonly BpfMap _counters;
    private readonly LostCounter _lostCounter;
    private readonly ulong _lostBefore;
    private readonly AskedFrontend? _frontend;
    private readonly TraceLease _lease;
    private readonly DialReader _reader;
    private readonly ITimer _timer;
    private LinuxException? _failure;
    private bool _isDisposed;

    private DialMonitor(string? bpfRoot, Func<string, BpfMap> open, DialMonitorOptions options, IClientNames? pods)
    {
        _bpfRoot = bpfRoot;
        if (options.NamespacePods is { } podOf)
            pods = new PodsOfNamespaces(podOf);
        _lock = bpfRoot is null ? null : Lock(bpfRoot, open);
        try
        {
            using (BpfMap filter = open(SocketLbObject.Trace), state = open(SocketLbObject.State))
                _lease = new(filter, state, options);
            _ring = OpenRing(open);
            _counters = open(SocketLbObject.Counters);
            _lostCounter = LostCounter.Of(_counters, (uint)Counter.EventLost);
            _frontend = options.Frontend is { } address ? new(address, open) : null;
            _reader = new(options.ServiceNames, new ClientNames(pods, new(options.PodNames ?? (static _ => null))));
            _lease.Sign();
            _ = _ring.Drain(static _ => { }); // what an earlier listener left
            _lostBefore = _lostCounter.Total;
            _lease.Renew(FrontendId);
        }
        catch
        {
            DisposeParts();
            throw;
        }

        _timer = TimeProvider.System.CreateTimer(static monitor => ((DialMonitor)monitor!).Renew(), this, s_renewal, s_renewal);
    }

    /// <summary>How many dials were asked for since the opening and found no room in the ring. Also after <see cref="Dispose"/>, as of then.</summary>
    public long Lost
    {
        get
        {
            lock (_gate)
                return _isDisposed ? field : field = (long)(_lostCounter.Total - _lostBefore);
        }

        private set;
    }

    private uint FrontendId => _frontend?.ReadId() ?? 0;

    /// <summary>Listens to the dials of a datapath of this process. It may be disposed first; then nothing more is heard.</summary>
    /// <param name="datapath">The datapath.</param>
    /// <param name="options">What to hear; by default everything.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DialMonitorInUseException">Somebody listens already.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static DialMonitor Open(LinuxDatapath datapath, DialMonitorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(datapath);
        options = Checked(options);
        return new(datapath.PinPath, datapath.OpenMap, options with { ServiceNames = options.ServiceNames ?? datapath.OwnerOf }, datapath.PodNames);
    }

    /// <summary>Listens to the dials of a pinned datapath, which any process may manage, or none.</summary>
    /// <param name="bpfRoot">The pin folder, see <see cref="LinuxDatapathOptions.BpfRoot"/>.</param>
    /// <param name="options">What to hear; by default everything.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DialMonitorInUseException">Somebody listens already.</exception>
    /// <exception cref="LinuxException">There is no datapath, or the kernel refused.</exception>
    public static DialMonitor Open(string bpfRoot, DialMonitorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(bpfRoot);
        return new(bpfRoot, name => BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), name)), Checked(options), pods: null);
    }

    /// <summary>The dials, in the order in which they were, until the monitor is disposed. One reader at a time.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <exception cref="InvalidOperationException">Somebody reads already.</exception>
    /// <exception cref="LinuxException">The datapath was uninstalled (ENOENT), or the kernel refused to go on.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed before the enumeration began.</exception>
    public async IAsyncEnumerable<ObservedDial> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var dial in _ring.ReadAllAsync<DialEvent>(cancellationToken).ConfigureAwait(false))
            yield return _reader.Read(in dial);
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Stops listening. Who reads is told that there is nothing more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _timer.Dispose();
            _lease.End(); // before the next listener may sign
            Lost = (long)(_lostCounter.Total - _lostBefore);
            _isDisposed = true;
            DisposeParts();
        }
    }

    private static DialMonitorOptions Checked(DialMonitorOptions? options)
    {
        options ??= new();
        options.ThrowIfInvalid();
        return options;
    }

    private static SafeFileHandle Lock(string bpfRoot, Func<string, BpfMap> open)
    {
        if (PinFolder.TryLock(PinFolder.MapsOf(bpfRoot)) is { } taken)
            return taken;
        throw new DialMonitorInUseException($"'{bpfRoot}'", ReadListener(open));
    }

    private static BpfRingBuffer OpenRing(Func<string, BpfMap> open)
    {
        using var map = open(SocketLbObject.Events);
        try
        {
            return BpfRingBuffer.Open(map);
        }
        catch (InvalidOperationException e) // only this process can listen to a datapath without pins, and with pins the lock was in the way
        {
            throw new DialMonitorInUseException("this process's datapath", ReadListener(open), e);
        }
    }

    private static uint ReadListener(Func<string, BpfMap> open)
    {
        using var map = open(SocketLbObject.Trace);
        return map.AsArray<TraceFilter>()[0].ListenerPid;
    }

    private void Renew()
    {
        lock (_gate)
        {
            if (_isDisposed || _failure is not null)
                return;
            try
            {
                ThrowIfGone();
                _lease.Renew(FrontendId);
                _reader.SetClock();
            }
            catch (LinuxException e)
            {
                _failure = e; // whoever reads is told
                _ring.Dispose();
            }
        }
    }

    // What is pinned there by now may be another datapath: this one's maps would be silent for ever.
    private void ThrowIfGone()
    {
        if (_lock is not null && !PinFolder.IsStillAt(PinFolder.MapsOf(_bpfRoot!), _lock))
            throw new LinuxException($"listen to the dials of '{_bpfRoot}'", Errno.ENOENT, "the datapath was uninstalled");
    }

    private void DisposeParts()
    {
        _frontend?.Dispose();
        _counters?.Dispose();
        _ring?.Dispose();
        _lease?.Dispose();
        _lock?.Dispose();
    }
}
