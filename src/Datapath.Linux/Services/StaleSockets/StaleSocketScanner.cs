using System.Diagnostics;
using System.Runtime.InteropServices;
using Datapath.Linux.Elf;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Linux.Services;

/// <summary>
/// Scans all network namespaces of the machine for stale sockets, on a thread of its own that starts with <see cref="Prepare"/> or the first scan. One scan is for all backends that
/// have come together.
/// </summary>
/// <param name="load">Loads the programs; called on the scanner's thread, ahead of the first scan or by it, and again by the next one where the kernel refused.</param>
/// <param name="scanned">Told of each scan, on the scanner's thread.</param>
/// <param name="logger">Where to say what happens.</param>
internal sealed partial class StaleSocketScanner(Func<StaleSocketPrograms> load, Action<StaleSocketScan> scanned, ILogger? logger) : IStaleSocketScanner, IDisposable
{
    /// <summary>
    /// A dial chooses its backend a moment before its socket is connected, so one that chose before a change may be connected only after it. Changes that
    /// follow each other closely share a scan.
    /// </summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(50);

    /// <summary>A machine with many namespaces and changes without end is not to spend more than a fifth of one CPU on scans. What it spends is what the threads run, not how long they are kept from it.</summary>
    private const int RestPerScan = 4;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<RetiredBackend, ulong> _current = [];
    private Dictionary<RetiredBackend, ulong> _next = [];
    private List<SocketListing> _listings = [];
    private StaleSocketPrograms? _programs;
    private TaskCompletionSource? _done;
    private Thread? _thread;

    /// <summary>The inode of the only network namespace to scan. Default: <see langword="null"/>, all are scanned.</summary>
    public ulong? OnlyNamespace { get; init; }

    /// <summary>Waits for a stop, at most so long, and tells whether there is one. Default: by the clock.</summary>
    internal Func<WaitHandle, TimeSpan, bool> Pause { get; init; } = static (stop, longest) => stop.WaitOne(longest);

    /// <summary>
    /// After what time without work the programs are loaded for the scans to come. Default: 1 s: who opens a datapath for a moment does not pay for them, and the first changes do not share
    /// a processor with the verifier.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Ends when nothing is loaded ahead any more: the programs are there, the kernel refused them, or the scanner has ended.</summary>
    public Task WhenPrepared => _prepared.Task;

    /// <summary>Why the last scan failed; <see langword="null"/> if it did not, or there was none.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate)
                return field;
        }

        private set;
    }

    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _next.Count == 0 && _current.Count == 0;
        }
    }

    /// <summary>Ends when there has been a scan for all that was added before.</summary>
    public Task WhenDone
    {
        get
        {
            lock (_gate)
                return _next.Count == 0 && _current.Count == 0 ? Task.CompletedTask : (_done ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Has the programs loaded when it has been quiet for a while (<see cref="Patience"/>), so that the first scan need not. Does not wait for it. What the kernel refuses then is tried again by that scan, which tells it.</summary>
    public void Prepare()
    {
        lock (_gate)
            StartThread();
    }

    public void Add(IReadOnlyDictionary<RetiredBackend, ulong> retired)
    {
        lock (_gate)
        {
            foreach (var (backend, sets) in retired)
                _next[backend] = sets;
            Wake();
        }
    }

    public void List(SocketListing listing)
    {
        lock (_gate)
        {
            _listings.Add(listing);
            Wake();
        }
    }

    public bool Cancel(RetiredBackend retired)
    {
        lock (_gate)
        {
            var isAwaited = _next.Remove(retired);
            if (!_current.Remove(retired))
                return isAwaited;
            _programs?.Cancel(retired);
            return true;
        }
    }

    /// <summary>Says that stale sockets which had to be listed stay as they are.</summary>
    public void Complain(Exception reason)
    {
        if (logger is not null && reason is not ObjectDisposedException)
            Log.Failed(logger, reason);
    }

    /// <summary>Ends after a last scan for what has been added, and after the programs if they are being loaded. Does not wait if the scanner's thread itself calls it, as whom a scan is told to may do.</summary>
    public void Dispose()
    {
        _ = _stop.Set();
        if (_thread is null)
            End();
        else if (_thread != Thread.CurrentThread)
            _thread.Join();
    }

    /// <summary>How long to wait when there is something to look for.</summary>
    /// <param name="last">What the last scan took of a processor. Not how long: on a busy machine those who wait for a scan would wait for what others do.</param>
    /// <param name="since">How long ago it ended.</param>
    internal static TimeSpan WaitAfter(TimeSpan last, TimeSpan since)
    {
        var rest = (last * RestPerScan) - since;
        return rest > s_settling ? rest : s_settling;
    }

    private void Wake()
    {
        StartThread();
        _ = _work.Set();
    }

    private void StartThread()
    {
        if (_thread is not null)
            return;
        _thread = new(Run) { IsBackground = true, Name = "Datapath stale sockets" };
        _thread.Start();
    }

    private void Run()
    {
        WaitHandle[] handles = [_stop, _work];
        var (isStopped, isPrepared, last, end) = (false, false, TimeSpan.Zero, Stopwatch.GetTimestamp());
        while (!isStopped)
        {
            TellIfDone();
            if (WaitHandle.WaitAny(handles, isPrepared ? Timeout.InfiniteTimeSpan : Patience) is WaitHandle.WaitTimeout)
            {
                LoadAhead();
                isPrepared = true;
                _ = _prepared.TrySetResult();
                continue;
            }

            isStopped = Pause(_stop, WaitAfter(last, Stopwatch.GetElapsedTime(end)));
            if (TakeListings() is { Count: > 0 } listings)
                ListAll(listings, isStopped);
            if (TryTake() is not { } batch)
                continue;
            last = Scan(batch);
            end = Stopwatch.GetTimestamp();
        }

        End();
    }

    // All may have been taken back, too.
    private void TellIfDone()
    {
        TaskCompletionSource? done = null;
        lock (_gate)
        {
            if (_next.Count == 0 && _current.Count == 0)
                (done, _done) = (_done, null);
        }

        done?.SetResult();
    }

    private void End()
    {
        TellIfDone();
        _ = _prepared.TrySetResult();
        _programs?.Dispose();
        _work.Dispose();
        _stop.Dispose();
    }

    private KeyValuePair<RetiredBackend, ulong>[]? TryTake()
    {
        lock (_gate)
        {
            if (_next.Count == 0)
                return null;
            (_current, _next) = (_next, []);
            return [.. _current];
        }
    }

    // Without the lock, for which changes wait; then what was taken back meanwhile goes again.
    private void LookFor(StaleSocketPrograms programs, KeyValuePair<RetiredBackend, ulong>[] part)
    {
        programs.LookFor(part);
        lock (_gate)
        {
            foreach (var (retired, _) in part)
            {
                if (!_current.ContainsKey(retired))
                    programs.Cancel(retired);
            }
        }
    }

    private List<SocketListing> TakeListings()
    {
        lock (_gate)
        {
            var listings = _listings;
            _listings = [];
            return listings;
        }
    }

    private void ListAll(List<SocketListing> listings, bool isStopped)
    {
        var led = new Dictionary<RetiredBackend, int>();
        try
        {
            ObjectDisposedException.ThrowIf(isStopped, this);
            var programs = Load();
            _ = Visit(network =>
            {
                foreach (var socket in network.Run(programs.ReadLed().ToArray))
                    CollectionsMarshal.GetValueRefOrAddDefault(led, socket, out _)++;
            });
        }
        catch (Exception e) when (isStopped || IsFailure(e))
        {
            foreach (var listing in listings)
                listing.Failed(e);
            return;
        }

        foreach (var listing in listings)
            listing.Found(led);
    }

    private TimeSpan Scan(KeyValuePair<RetiredBackend, ulong>[] batch)
    {
        var start = Stopwatch.GetTimestamp();
        var (namespaces, udp, tcp) = (0, 0, 0);
        var used = TimeSpan.Zero;
        string? failure = null;
        try
        {
            var programs = Load(); // once, so it is no part of what scans cost
            var begun = ThreadTime.Now;
            foreach (var part in batch.Chunk(programs.Capacity))
            {
                LookFor(programs, part);
                var hasUdp = part.Any(static r => r.Key.Backend.Protocol is L4Protocol.Udp);
                var hasTcp = part.Any(static r => r.Key.Backend.Protocol is L4Protocol.Tcp);
                namespaces = Visit(network =>
                {
                    programs.Enter(network.Cookie);
                    var ended = network.Run(() => (Udp: hasUdp ? programs.EndUdp() : 0, Tcp: hasTcp ? programs.EndTcp() : 0, Used: ThreadTime.Now)); // on a thread of its own
                    udp += ended.Udp;
                    tcp += ended.Tcp;
                    used += ended.Used;
                });
            }

            used += ThreadTime.Now - begun;
        }
        catch (Exception e) when (IsFailure(e))
        {
            failure = e.Message;
            if (logger is not null)
                Log.Failed(logger, e);
        }

        lock (_gate)
        {
            _current = [];
            Failure = failure;
        }

        var scan = new StaleSocketScan(batch.Length, namespaces, udp, tcp, Stopwatch.GetElapsedTime(start));
        if (logger is not null && udp + tcp > 0)
            Log.Ended(logger, udp, tcp, namespaces, batch.Length, scan.Duration.TotalMilliseconds);
        scanned(scan);
        return used;
    }

    private void LoadAhead()
    {
        try
        {
            _ = Load();
        }
        catch (Exception e) when (IsFailure(e))
        {
            if (logger is not null)
                Log.NotPrepared(logger, e); // nobody is kept waiting: the first scan tries again, and says what it means
        }
    }

    private StaleSocketPrograms Load()
    {
        if (_programs is not null)
            return _programs;
        var programs = load();
        lock (_gate)
            return _programs = programs;
    }

    /// <summary>Visits the network namespaces whose sockets count.</summary>
    /// <returns>How many could be visited.</returns>
    private int Visit(Action<NetworkNamespace> visit)
    {
        var visited = 0;
        foreach (var info in NetworkNamespaceInfo.List())
        {
            if ((OnlyNamespace ?? info.Inode) == info.Inode && TryVisit(info, visit))
                visited++;
        }

        return visited;
    }

    private bool TryVisit(NetworkNamespaceInfo info, Action<NetworkNamespace> visit)
    {
        using var network = info.TryOpen();
        if (network is null)
            return false; // gone meanwhile
        try
        {
            visit(network);
            return true;
        }
        catch (Exception e) when (IsFailure(e))
        {
            if (logger is not null)
                Log.NamespaceFailed(logger, info.ToString(), e);
            return false;
        }
    }

    // What the kernel refuses. Sockets that stay stale are no reason to end the process.
    private static bool IsFailure(Exception e) => e is IOException or PlatformNotSupportedException or InvalidDataException or InvalidBpfObjectException;

    private static partial class Log
    {
        [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Ended {Udp} UDP and {Tcp} TCP sockets in {Namespaces} network namespaces, whose backends had left their frontends ({Retired} pairs, {Milliseconds} ms)")]
        public static partial void Ended(ILogger logger, int udp, int tcp, int namespaces, int retired, double milliseconds);

        [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Sockets that are connected to backends which have left their frontends stay so")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "Sockets in network namespace {Namespace} that are connected to backends which have left their frontends stay so")]
        public static partial void NamespaceFailed(ILogger logger, string @namespace, Exception exception);

        [LoggerMessage(EventId = 3009, Level = LogLevel.Debug, Message = "The programs that end stale sockets could not be loaded ahead of the first walk, which tries again")]
        public static partial void NotPrepared(ILogger logger, Exception exception);
    }
}
