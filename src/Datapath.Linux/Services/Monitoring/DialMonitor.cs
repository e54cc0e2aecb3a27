using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Listening;
using Datapath.Linux.Services;

namespace Datapath.Linux;

/// <summary>
/// Listens to the dials of a datapath's clients: those to services, each with what became of it and why. From the opening on, dials are kept in a ring of
/// <see cref="LinuxDatapathOptions.TraceBufferSize"/> bytes until they are read. One listener a datapath; while there is none, dials cost what they cost
/// without this. Needs the rights of <see cref="LinuxDatapath"/>. Minimum kernel: 5.18.
/// </summary>
public sealed class DialMonitor : IDisposable
{
    private readonly string? _bpfRoot;
    private readonly ListenerFolder? _folder; // that of maps; the pin folder's own lock is the manager's
    private readonly BpfMap _counters;
    private readonly ListenerCount _lost;
    private readonly AskedFrontend? _frontend;
    private readonly DialReader _reader;
    private readonly RingListener<DialEvent> _listener;

    private DialMonitor(string? bpfRoot, Func<string, BpfMap> open, DialMonitorOptions options, IClientNames? pods)
    {
        _bpfRoot = bpfRoot;
        if (options.NamespacePods is { } podOf)
            pods = new PodsOfNamespaces(podOf);
        _folder = bpfRoot is null ? null : Lock(bpfRoot, open);
        var lease = default(TraceLease);
        var ring = default(BpfRingBuffer);
        try
        {
            _frontend = options.Frontend is { } address ? new(address, open) : null;
            using (BpfMap filter = open(SocketLbObject.Trace), state = open(SocketLbObject.State))
                lease = new(filter, state, options, () => _frontend?.ReadId() ?? 0);
            ring = OpenRing(open);
            _counters = open(SocketLbObject.Counters);
            _lost = new(_counters, (uint)Counter.EventLost);
            _reader = new(options.ServiceNames, new ClientNames(pods, new(options.PodNames ?? (static _ => null))));
            _listener = new(ring, lease, [_lost], Check);
        }
        catch
        {
            ring?.Dispose();
            lease?.Dispose();
            DisposeParts();
            throw;
        }
    }

    /// <summary>How many dials were asked for since the opening and found no room in the ring. Also after <see cref="Dispose"/>, as of then.</summary>
    public long Lost => _listener.Read(_lost);

    /// <summary>
    /// The times since the opening in which dials were neither told nor counted, because this process was stopped for more than five seconds. They are noticed
    /// within a second after that. Also after <see cref="Dispose"/>, as of then.
    /// </summary>
    public ImmutableArray<ListeningGap> Gaps => _listener.Gaps;

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
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    /// <exception cref="LinuxException">There is no datapath, or the kernel refused.</exception>
    public static DialMonitor Open(string bpfRoot, DialMonitorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(bpfRoot);
        StateMap.ThrowIfUnreadable(bpfRoot);
        return new(bpfRoot, name => BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), name)), Checked(options), pods: null);
    }

    /// <summary>The dials, in the order in which they were, until the monitor is disposed. One reader at a time.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <exception cref="InvalidOperationException">Somebody reads already.</exception>
    /// <exception cref="LinuxException">The datapath was uninstalled (ENOENT), or the kernel refused to go on.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed before the enumeration began.</exception>
    public async IAsyncEnumerable<ObservedDial> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var dial in _listener.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return _reader.Read(in dial);
    }

    /// <summary>Stops listening. Who reads is told that there is nothing more.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        DisposeParts();
    }

    private static DialMonitorOptions Checked(DialMonitorOptions? options)
    {
        options ??= new();
        options.ThrowIfInvalid();
        return options;
    }

    private static ListenerFolder Lock(string bpfRoot, Func<string, BpfMap> open) =>
        ListenerFolder.TryTake(PinFolder.MapsOf(bpfRoot)) ?? throw new DialMonitorInUseException($"'{bpfRoot}'", ReadListener(open));

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

    private void Check()
    {
        if (_folder is not null && !_folder.IsInPlace())
            throw new LinuxException($"listen to the dials of '{_bpfRoot}'", Errno.ENOENT, "the datapath was uninstalled");
        _reader.SetClock();
    }

    private void DisposeParts()
    {
        _frontend?.Dispose();
        _counters?.Dispose();
        _folder?.Dispose();
    }
}
