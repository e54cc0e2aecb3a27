using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Bench.StaleSockets;

/// <summary>Part H: a scan for the sockets of backends that have left, among many connected ones, on a machine with its other namespaces as they are.</summary>
internal sealed class StaleSocketBenchmark : IDisposable
{
    private const int Connected = 10_000;
    private const int Dialed = 100;
    private const int Idle = 5_000;

    private static readonly ImmutableArray<DesiredService> s_udp = new ServiceSet(Dialed + Idle, L4Protocol.Udp).Services();
    private static readonly ImmutableArray<DesiredService> s_tcp = new ServiceSet(2, L4Protocol.Tcp).Services();

    private readonly NetworkNamespace _network = LoopbackNetwork.Create();
    private readonly string _name = $"datapath-bench-{Environment.ProcessId}";
    private readonly BenchCgroups _cgroups = new();
    private readonly LinuxDatapath _datapath;
    private readonly BlockingCollection<StaleSocketScan> _scans = [];
    private readonly List<int> _sockets = [];

    private StaleSocketBenchmark()
    {
        try
        {
            _network.AddName(_name);
            var cgroup = _cgroups.Create("stale");
            _datapath = DatapathVariant.Open(cgroup);
            _datapath.StaleSocketsScanned += (_, scan) => _scans.Add(scan);
            cgroup.AddCurrentProcess();
            _network.Run(() =>
            {
                for (var i = 0; i < Connected; i++)
                    _sockets.Add(Sockets.Open(isIPv4: true, Libc.SOCK_DGRAM));
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var benchmark = new StaleSocketBenchmark();
        return benchmark.Measure(options.IsQuick ? 3 : 11, cancellation);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            _ = Libc.close(socket);
        _datapath?.Dispose();
        _cgroups.Dispose();
        _ = NetworkNamespace.DeleteName(_name);
        _network.Dispose();
        _scans.Dispose();
    }

    private ResultTable Measure(int rounds, CancellationToken cancellation)
    {
        var (listing, one, many, all, tcp) = (new Sample(), new Sample(), new Sample(), new Sample(), new Sample());
        var namespaces = 0;
        for (var round = -1; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            Apply(new(s_udp, []));
            Dial();
            var listed = List();
            var first = Remove(Dialed, 1, stale: 0);
            var rest = Remove(Dialed + 1, Idle - 1, stale: 0);
            var ended = Remove(0, Dialed, stale: Connected);
            Apply(new(s_tcp, []));
            Apply(new([], [s_tcp[1].Name]));
            var walked = Next(stale: 0);
            Apply(new([], [s_tcp[0].Name]));
            _ = Next(stale: 0);
            namespaces = walked.Namespaces;
            if (round < 0)
                continue;
            listing.Add(listed.TotalMilliseconds);
            one.Add(first.Duration.TotalMilliseconds);
            many.Add(rest.Duration.TotalMilliseconds);
            all.Add(ended.Duration.TotalMilliseconds);
            tcp.Add(walked.Duration.TotalMilliseconds);
        }

        var table = new ResultTable(
            "H",
            string.Create(CultureInfo.InvariantCulture, $"Scans for stale sockets, {Connected:N0} connected UDP sockets, {namespaces} network namespaces; ms on the clock"),
            "case", "median", "range");
        Add(table, "for comparison: list the sockets by netlink, one namespace", listing);
        Add(table, "a service goes that nobody had dialed", one);
        Add(table, string.Create(CultureInfo.InvariantCulture, $"{Idle - 1:N0} services go that nobody had dialed"), many);
        Add(table, "all services go, all sockets are ended", all);
        Add(table, "a TCP service goes that nobody had dialed", tcp);
        return table;
    }

    private static void Add(ResultTable table, string name, Sample sample) =>
        table.Add(name, Cell.Number(sample.Median, "0.00"), Cell.Range(sample, 0, 1, "0.00"));

    private void Dial()
    {
        var names = Dialing.Services(Dialed);
        for (var i = 0; i < _sockets.Count; i++)
            Sockets.Connect(_sockets[i], names[i]);
    }

    private TimeSpan List()
    {
        using var sockets = _network.OpenSocketDiagnostics();
        var start = Stopwatch.GetTimestamp();
        var count = sockets.List(new(ProtocolType.Udp) { States = InetSocketStates.Established }).Count;
        var duration = Stopwatch.GetElapsedTime(start);
        return count >= Connected ? duration : throw new BenchException($"{count} of {Connected} sockets are connected");
    }

    private StaleSocketScan Remove(int first, int count, int stale)
    {
        Apply(new([], [.. s_udp.Skip(first).Take(count).Select(static service => service.Name)]));
        return Next(stale);
    }

    private void Apply(ChangeSet changes)
    {
        var result = _datapath.Apply(changes);
        if (!result.Failures.IsEmpty)
            throw new BenchException($"{result.Failures.Length} frontends could not be programmed, the first: {result.Failures[0]}");
    }

    private StaleSocketScan Next(int stale)
    {
        var scan = _scans.Take();
        return scan.Udp == stale ? scan : throw new BenchException($"a scan ended {scan.Udp} sockets, not {stale}");
    }
}
