using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Services;

/// <summary>
/// Finds and ends stale sockets in the network namespace of the calling thread: by programs that walk over all of them once, whatever the number of
/// backends that are looked for. Below Linux 6.5 programs cannot end sockets: there they list them, and netlink ends them.
/// </summary>
internal sealed class StaleSocketPrograms : IDisposable
{
    // As the programs choose them.
    private const InetSocketStates TcpStates = InetSocketStates.Established | InetSocketStates.SynSent | InetSocketStates.FinWait1
        | InetSocketStates.FinWait2 | InetSocketStates.CloseWait;

    private readonly BpfObject _object;
    private readonly List<BpfIterator> _iterators = [];
    private readonly BpfIterator _udp;
    private readonly BpfIterator _tcp;
    private readonly BpfIterator _ledUdp;
    private readonly BpfIterator _ledTcp;
    private readonly BpfHashMap<RetiredBackend4, StayingSets> _retired4;
    private readonly BpfHashMap<RetiredBackend6, StayingSets> _retired6;
    private readonly BpfMappedArray<ulong> _walked;
    private readonly bool _isOnlyListing;
    private RetiredBackend4[] _filled4 = [];
    private RetiredBackend6[] _filled6 = [];

    private StaleSocketPrograms(BpfObject loaded, bool isOnlyListing)
    {
        _object = loaded;
        _isOnlyListing = isOnlyListing;
        _retired4 = loaded.Maps[StaleSocketsObject.Retired4].AsHash<RetiredBackend4, StayingSets>();
        _retired6 = loaded.Maps[StaleSocketsObject.Retired6].AsHash<RetiredBackend6, StayingSets>();
        _walked = loaded.Maps[StaleSocketsObject.Walked].MapMemory<ulong>();
        Capacity = (int)loaded.Maps[StaleSocketsObject.Retired4].Info.MaxEntries;
        try
        {
            _udp = Create(StaleSocketsObject.Udp);
            _tcp = Create(StaleSocketsObject.Tcp);
            _ledUdp = Create(StaleSocketsObject.LedUdp);
            _ledTcp = Create(StaleSocketsObject.LedTcp);
        }
        catch
        {
            DisposeIterators();
            _walked.Dispose();
            throw;
        }
    }

    /// <summary>How many backends can be looked for at once.</summary>
    public int Capacity { get; }

    /// <summary>Whether programs can end sockets, from Linux 6.5 on.</summary>
    /// <exception cref="LinuxException">The kernel has no types of its own.</exception>
    public static bool CanEndSockets => KernelBtf.Running.FindFunction("bpf_sock_destroy") != 0;

    /// <summary>Loads the programs.</summary>
    /// <param name="maps">The maps of socket load balancing. They must live as long as this.</param>
    /// <param name="options">What the datapath is to be.</param>
    /// <exception cref="LinuxException">The kernel refused, or has no types of its own.</exception>
    public static StaleSocketPrograms Load(IReadOnlyDictionary<string, BpfMap> maps, LinuxDatapathOptions options)
    {
        var isOnlyListing = options.EndsSocketsByNetlink || !CanEndSockets;
        var spec = options.Objects.StaleSockets();
        spec.DataSections[StaleSocketsObject.Knobs].Set(StaleSocketsObject.IsOnlyListed, (byte)(isOnlyListing ? 1 : 0));
        spec.DataSections[StaleSocketsObject.Knobs].Set(StaleSocketsObject.IsWeaklyOrdered, SocketLbSpec.IsWeaklyOrdered);
        var loaded = BpfObject.Load(spec, new() { ReusedMaps = StaleSocketsObject.SharedMaps.ToDictionary(static name => name, name => maps[name]) });
        try
        {
            return new(loaded, isOnlyListing);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Has scans look for these, and for nothing else.</summary>
    /// <param name="retired">As many as <see cref="Capacity"/>, at most, each with the sets that still have it.</param>
    public void LookFor(IReadOnlyCollection<KeyValuePair<RetiredBackend, ulong>> retired)
    {
        var (ipv4, ipv6) = (retired.Where(static r => r.Key.Backend.IsIPv4).ToArray(), retired.Where(static r => r.Key.Backend.IsIPv6).ToArray());
        Fill(_retired4, ref _filled4, [.. ipv4.Select(static r => Ipv4Family.Retired(r.Key))], ipv4);
        Fill(_retired6, ref _filled6, [.. ipv6.Select(static r => Ipv6Family.Retired(r.Key))], ipv6);
    }

    /// <summary>Says whose sockets are walked over next.</summary>
    /// <param name="cookie">The cookie of the network namespace.</param>
    public void Enter(ulong cookie)
    {
        using var walked = _walked.Slice(0, 1);
        walked[0] = cookie;
    }

    /// <summary>No longer looks for one.</summary>
    public void Cancel(RetiredBackend retired)
    {
        if (retired.Backend.IsIPv4)
            _ = _retired4.Remove(Ipv4Family.Retired(retired));
        else
            _ = _retired6.Remove(Ipv6Family.Retired(retired));
    }

    /// <summary>Ends the stale ones among the connected UDP sockets.</summary>
    /// <returns>How many there were.</returns>
    public int EndUdp() => End(_udp, new(ProtocolType.Udp) { States = InetSocketStates.Established });

    /// <summary>Ends the stale ones among the TCP connections.</summary>
    /// <returns>How many there were.</returns>
    public int EndTcp() => End(_tcp, new(ProtocolType.Tcp) { States = TcpStates });

    /// <summary>Where frontends led the sockets that are connected there.</summary>
    public IEnumerable<RetiredBackend> ReadLed() => Read(_ledUdp, L4Protocol.Udp).Concat(Read(_ledTcp, L4Protocol.Tcp));

    public void Dispose()
    {
        DisposeIterators();
        _walked.Dispose();
        _object.Dispose();
    }

    private static IEnumerable<RetiredBackend> Read(BpfIterator walk, L4Protocol protocol) => walk.ReadAll<LedSocket>().Select(led =>
        new RetiredBackend(led.FrontendId, Ipv6Family.FromMappedWords(led.BackendAddress, led.BackendPort, protocol)));

    private static void Fill<TKey>(BpfHashMap<TKey, StayingSets> map, ref TKey[] filled, TKey[] keys, KeyValuePair<RetiredBackend, ulong>[] retired)
        where TKey : unmanaged
    {
        _ = map.RemoveAll(filled);
        filled = keys;
        map.SetAll(keys, [.. retired.Select(static r => new StayingSets { Sets = r.Value })]);
    }

    private BpfIterator Create(string program)
    {
        var iterator = BpfIterator.Create(_object.Programs[program]);
        _iterators.Add(iterator);
        return iterator;
    }

    private void DisposeIterators()
    {
        foreach (var iterator in _iterators)
            iterator.Dispose();
    }

    private int End(BpfIterator walk, InetSocketQuery query)
    {
        if (!_isOnlyListing)
            return walk.ReadAll<ulong>().Count();
        var cookies = walk.ReadAll<ulong>().ToHashSet();
        if (cookies.Count == 0)
            return 0;
        using var sockets = new SocketDiagnostics();
        var ended = new CookieDestroyer(sockets, cookies);
        sockets.Scan(query, ref ended);
        return ended.Count;
    }

    private struct CookieDestroyer(SocketDiagnostics sockets, HashSet<ulong> cookies) : IInetSocketVisitor
    {
        public int Count { get; private set; }

        public void Visit(in InetSocket socket)
        {
            if (cookies.Contains(socket.Cookie) && sockets.Destroy(socket))
                Count++;
        }
    }
}
