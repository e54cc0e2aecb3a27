using System.Collections.Immutable;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

/// <summary>
/// Services on this machine's kernel: every process below a cgroup that dials a frontend reaches one of its backends, by eBPF programs in
/// connect(2), sendmsg(2), recvmsg(2) and getpeername(2). Sockets whose backend leaves are ended, so that clients dial again. Needs root, or CAP_BPF,
/// CAP_PERFMON, CAP_NET_ADMIN and, for mounts, pins and sockets in other network namespaces, CAP_SYS_ADMIN. Minimum kernel: 5.18; tested on 6.18.
/// </summary>
public sealed partial class LinuxDatapath : ISelfTestingDatapath, IPodFindingDatapath, IConnectionCountingDatapath
{
    private readonly Lock _gate = new();
    private readonly PinFolder? _pins;
    private readonly SafeFileHandle? _cgroupLock;
    private readonly BpfObject _object;
    private readonly BpfObject? _fallback;
    private readonly HookSet _hooks;
    private readonly StateMap _state;
    private readonly GracePeriod _gracePeriod;
    private readonly SlotReclaim _reclaim;
    private readonly ClientMaps _clients;
    private readonly FrontendTable<FrontendKey4, Slot4, Ipv4Family> _ipv4;
    private readonly FrontendTable<FrontendKey6, Slot6, Ipv6Family> _ipv6;
    private readonly RangeTable<RangeKey4, Slot4, Ipv4Family, Ipv4Ranges> _ranges4;
    private readonly RangeTable<RangeKey6, Slot6, Ipv6Family, Ipv6Ranges> _ranges6;
    private readonly Cgroup _cgroup;
    private readonly ServiceOwners _owners = new();
    private readonly KnownBackends _known = new();
    private readonly RetiredBackends _retired;
    private readonly PodDirectory _pods;
    private readonly Exemptions _exemptions;
    private readonly Dictionary<ServiceName, DesiredService> _servicesOfClients = [];
    private readonly Dictionary<ServiceName, ImmutableArray<FrontendRange>> _ranges = [];
    private readonly Dictionary<ServiceName, ImmutableArray<(ServiceName Policy, bool IsApplied)>> _policies = [];
    private readonly StaleSocketScanner _scanner;
    private readonly SocketError _noBackend;
    private readonly string _hostNamespace;
    private readonly LinuxDatapathOptions _options;
    private int _missingExemptPods;
    private bool _hasPredecessor;
    private bool _isDisposed;

    private LinuxDatapath(LinuxDatapathOptions options, ulong hostCookie, PinFolder? pins, SafeFileHandle? cgroupLock, BpfObject loaded, Cgroup cgroup, ILogger? logger)
    {
        _pins = pins;
        _cgroupLock = cgroupLock;
        _object = loaded;
        _cgroup = cgroup;
        _hostNamespace = options.HostNetworkNamespace;
        _options = options;
        _noBackend = options.NoBackend is NoBackendReply.Refuse ? SocketError.ConnectionRefused : SocketError.HostUnreachable;
        _scanner = new(() => StaleSocketPrograms.Load(loaded.Maps, options), scan => StaleSocketsScanned?.Invoke(this, scan), logger)
        {
            OnlyNamespace = options.HostNamespaceOnly ? InodeOf(options.HostNetworkNamespace) : null,
        };
        try
        {
            _state = new(loaded.Maps[SocketLbObject.State]);
            _hasPredecessor = _state.Value.NextFrontendId > 0;
            _gracePeriod = new();
            var identifiers = new Identifiers(() => ref _state.Value);
            var writing = new FrontendWriting(() => ref _state.Value);
            _retired = new(options.StaleTcp, _known, identifiers.IsInUse, SetsWith, _scanner);
            _pods = new(hostCookie);
            _exemptions = new(options, loaded.Maps, _state);
            _fallback = ConnectFallbackPrograms.Load(options, loaded.Maps);
            _clients = new(loaded.Maps, writing);
            _ipv4 = new(loaded.Maps[SocketLbObject.Frontends4], loaded.Maps[SocketLbObject.Slots4], _clients, identifiers, writing, _retired) { FallsBack = _fallback is not null };
            _ipv6 = new(loaded.Maps[SocketLbObject.Frontends6], loaded.Maps[SocketLbObject.Slots6], _clients, identifiers, writing, _retired) { FallsBack = _fallback is not null };
            _reclaim = new(_gracePeriod.Wait, _gate, options.Time, _ipv4.Allocator, _ipv6.Allocator);
            _ranges4 = new(loaded.Maps[SocketLbObject.Ranges4], _ipv4.Slots, _ipv4.Sets, identifiers, writing, _retired);
            _ranges6 = new(loaded.Maps[SocketLbObject.Ranges6], _ipv6.Slots, _ipv6.Sets, identifiers, writing, _retired);
            if (pins is not null)
            {
                _ranges4.Adopt();
                _ranges6.Adopt();
                var left = KernelSets.Read(_clients);
                _ipv4.Adopt(_ranges4.Ids, _ranges4.Ranges, left);
                _ipv6.Adopt(_ranges6.Ids, _ranges6.Ranges, left);
                _clients.RemoveUnless([.. _ipv4.Ids, .. _ipv6.Ids, .. _ranges4.Ids.Concat(_ranges6.Ids).Select(static range => range.Key)], left);
                _gracePeriod.Wait(); // slots that the last process replaced just before it ended are free from here on
            }

            _state.Claim(); // not before nothing can be refused any more: until then the version that left it may go on
            _exemptions.AddThoseOfOptions();
            _hooks = HookSet.Attach([.. loaded.Programs.Values, .. _fallback?.Programs.Values ?? []], cgroup, pins);
            pins?.DeleteOtherMaps(loaded.Maps.Keys);
        }
        catch
        {
            _hooks?.Dispose();
            _ipv6?.Dispose();
            _ipv4?.Dispose();
            _fallback?.Dispose();
            _gracePeriod?.Dispose();
            _state?.Dispose();
            _scanner.Dispose();
            throw;
        }

        if (logger is not null)
            Log.Opened(logger, cgroup.Path, pins?.Path ?? "(none)", _hooks.Count, _ipv4.Count + _ipv6.Count);
        _scanner.Prepare();
    }

    /// <summary>
    /// Raised after each walk over the sockets of the machine, which follows a change by which backends leave frontends; on a thread of the datapath's, so a
    /// handler must not throw, and the next walk waits for it. Of network namespaces those are walked over that have a name or a process, or that this process has open.
    /// </summary>
    public event EventHandler<StaleSocketScan>? StaleSocketsScanned;

    /// <summary>
    /// Waits until the sockets of the machine have been walked over for all changes so far by which backends left frontends. Their stale sockets are ended then: about 50 ms and the walk itself after
    /// the last change. Where the walk failed they stay, and <see cref="GetStatus"/> says so.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The datapath is disposed; it has waited for this.</exception>
    public async Task WaitForStaleSocketsAsync(CancellationToken cancellationToken = default)
    {
        Task done;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            done = _scanner.WhenDone;
        }

        await done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Loads the programs, adopts what an earlier process left behind (pinned lifetime) and attaches them. Those that walk over the sockets of the machine are loaded a second later, on a thread of
    /// the datapath's, or by the first walk if that comes before.
    /// </summary>
    /// <param name="options">What it is to be.</param>
    /// <param name="logger">Where to say what happens; nowhere by default.</param>
    /// <exception cref="ArgumentException">An option has a value that it must not have; the message names it.</exception>
    /// <exception cref="DatapathInUseException">Another process manages the same pin folder; or, with the process's lifetime, serves the same cgroup with that lifetime.</exception>
    /// <exception cref="IncompatibleMapException">A pinned map is another than this version needs.</exception>
    /// <exception cref="IncompatibleStateException">A later version wrote the state, it contradicts itself, or more is in use than the sizes leave room for.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is too old; the message says what it lacks.</exception>
    /// <exception cref="LinuxException">The kernel refused; the message says what and what to do.</exception>
    public static LinuxDatapath Open(LinuxDatapathOptions options, ILogger? logger = null)
    {
        LinuxDatapathOptionsCheck.ThrowIfInvalid(options);
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        var spec = SocketLbSpec.Make(options, host.Cookie);
        var cgroup = Cgroup.Open(options.CgroupRoot ?? Cgroup2.FindMount().Path);
        SafeFileHandle? cgroupLock = null;
        PinFolder? pins = null;
        BpfObject? loaded = null;
        try
        {
            pins = options.Lifetime is DatapathLifetime.Pinned ? PinFolder.Open(options.BpfRoot, StateMap.ReadOwner) : null;
            var others = OtherDatapaths.Find(cgroup, pins is null ? [] : OtherDatapaths.LinksIn(pins));
            if (pins is null)
                cgroupLock = CgroupLock.Take(cgroup, others, logger);
            if (logger is not null)
                LogOthers(logger, options, cgroup, others ?? []);
            if (pins is not null)
            {
                StateMap.ThrowIfLater(pins.Path);
                MapResizing.Run(spec, pins, ServiceMaps.Resizable);
            }

            loaded = BpfObject.Load(spec, new() { PinDirectory = pins is null ? null : PinFolder.MapsOf(pins.Path) });
            return new(options, host.Cookie, pins, cgroupLock, loaded, cgroup, logger) { Left = [.. (others ?? []).Where(static other => other is { Place: CgroupPlace.Same, IsLeft: true })] };
        }
        catch
        {
            loaded?.Dispose();
            pins?.Dispose();
            cgroupLock?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<ProgrammedFrontend> Read()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var further = KernelSets.Read(_clients);
            return [.. _ipv4.Read(further).Concat(_ipv6.Read(further)).OrderBy(static f => f.Address)];
        }
    }

    /// <summary>
    /// How often each program ran and for how long, by the program's name, while the kernel counted (see <see cref="BpfStatistics"/>).
    /// </summary>
    public ImmutableSortedDictionary<string, BpfRunStatistics> ReadRunStatistics()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _object.Programs.ToImmutableSortedDictionary(static p => p.Key, static p => p.Value.Statistics, StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// Lets go. With the pinned lifetime everything goes on working; with the process's lifetime nothing is left. Waits for the stale sockets of the last
    /// changes to be ended, and for the programs that end them if they are just being loaded.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _scanner.Dispose(); // outside the lock: whom a scan is told to may read
        _reclaim.Dispose();
        lock (_gate)
        {
            _hooks.Dispose();
            _ipv4.Dispose();
            _ipv6.Dispose();
            _state.Dispose();
            _gracePeriod.Dispose();
            _fallback?.Dispose();
            _object.Dispose();
            _pins?.Dispose();
            _cgroupLock?.Dispose();
        }
    }

    /// <summary>Ends when the programs that walk over the sockets are loaded, or were refused.</summary>
    internal Task WhenWalksArePrepared => _scanner.WhenPrepared;

    private ulong SetsWith(RetiredBackend retired) => retired.Backend.IsIPv4
        ? _ipv4.SetsWith(retired) | _ranges4.SetsWith(retired)
        : _ipv6.SetsWith(retired) | _ranges6.SetsWith(retired);

    private static void LogOthers(ILogger logger, LinuxDatapathOptions options, Cgroup cgroup, ImmutableArray<OtherDatapath> others)
    {
        foreach (var other in others)
        {
            if (other.Place is CgroupPlace.Same)
                Log.Beside(logger, cgroup.Path, other);
            else
                Log.Others(logger, cgroup.Path, other);
        }

        if (options.Lifetime is DatapathLifetime.Process && Directory.Exists(PinFolder.LinksOf(options.BpfRoot)) && others.All(other => other.BpfRoot != options.BpfRoot))
            Log.OtherPins(logger, options.BpfRoot);
    }

    private static ulong InodeOf(string networkNamespace)
    {
        using var opened = NetworkNamespace.Open(networkNamespace);
        return opened.Inode;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Serving cgroup {Cgroup} by {Hooks} programs, pins in {Pins}; {Adopted} frontends adopted")]
        public static partial void Opened(ILogger logger, string cgroup, string pins, int hooks, int adopted);

        [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "A datapath is pinned in {BpfRoot} and goes on beside this one, which lives with its process; uninstall it if it is a leftover")]
        public static partial void OtherPins(ILogger logger, string bpfRoot);

        [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "Cgroup {Cgroup} has another datapath, and where both have a service, the one that was attached first goes first: {Other}")]
        public static partial void Beside(ILogger logger, string cgroup, OtherDatapath other);

        [LoggerMessage(EventId = 3008, Level = LogLevel.Information, Message = "Cgroup {Cgroup} is not served by this datapath alone: {Other}")]
        public static partial void Others(ILogger logger, string cgroup, OtherDatapath other);
    }
}
