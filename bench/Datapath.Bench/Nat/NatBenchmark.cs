using System.Diagnostics;
using System.Globalization;
using Datapath.Bench.Results;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Nat;

/// <summary>Part I: what egress NAT costs the client of a router, by either engine, against no NAT.</summary>
internal sealed class NatBenchmark : IDisposable
{
    private const int Times = 2_000;
    private const int Many = 500_000;
    private const int MostFlows = 1 << 20;

    private readonly int _cpu;
    private readonly List<NatVariant> _variants = [];
    private readonly NatVariant _empty;
    private readonly Dictionary<(string Load, NatVariant Variant), Sample> _samples = [];
    private readonly Dictionary<(string Load, NatVariant Variant), Sample> _added = [];
    private readonly Dictionary<NatVariant, Sample> _programs = [];
    private readonly long[] _ticks = new long[Times];

    private NatBenchmark(int cpu)
    {
        _cpu = cpu;
        try
        {
            _variants.Add(NatVariant.None());
            _variants.Add(NatVariant.Nftables());
            _variants.Add(NatVariant.OfEbpf("datapath", MostFlows));
            _variants.Add(NatVariant.OfEbpf("datapath, 500,000 flows", MostFlows));
            _empty = NatVariant.Empty();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private NatVariant None => _variants[0];

    private NatVariant Datapath => _variants[2];

    private NatVariant Full => _variants[3];

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var benchmark = new NatBenchmark(options.Cpu);
        return benchmark.Measure(options.Rounds, options.IsQuick, cancellation);
    }

    public void Dispose()
    {
        _empty?.Dispose();
        _variants.ForEach(static variant => variant.Dispose());
    }

    private ResultTable Measure(int rounds, bool isQuick, CancellationToken cancellation)
    {
        var many = isQuick ? Many / 10 : Many;
        var perSecond = Full.Run(_cpu, () => NatLoads.Fill(Full.Network, many));
        if (Full.Ebpf!.CountFlows() < many)
            throw new BenchException($"{Full.Ebpf.CountFlows()} of {many} flows are there");
        var tables = ReadTables(); // one of them full, before flows end; the other as good as empty
        var random = new Random(Seed: 17);
        var order = _variants.ToArray();
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (load, measure) in Loads(isQuick))
            {
                cancellation.ThrowIfCancellationRequested();
                random.Shuffle(order);
                var values = order.ToDictionary(static variant => variant, measure);
                foreach (var (variant, value) in round < 0 ? [] : values)
                {
                    At(_samples, (load, variant)).Add(value);
                    At(_added, (load, variant)).Add(load is StreamLoad ? value / values[None] : value - values[None]);
                }
            }

            foreach (var variant in round < 0 ? [] : new[] { _empty, Datapath, Full })
                At(_programs, variant).Add(MeasurePrograms(variant));
        }

        return Report(perSecond, many, tables);
    }

    private const string StreamLoad = "TCP stream, offloads off, Gbit/s";
    private const string ConnectLoad = "TCP connect(), ns";
    private const string SteadyLoad = "UDP question and answer, one flow, ns";
    private const string NewLoad = "UDP question and answer, new flow each, ns";
    private const string ProgramsLoad = "programs, a packet out and its answer in, ns";

    private IEnumerable<(string Load, Func<NatVariant, double> Measure)> Loads(bool isQuick)
    {
        yield return (ConnectLoad, variant => Median(variant, NatLoads.Connect));
        yield return (SteadyLoad, variant => Median(variant, NatLoads.Exchange));
        yield return (NewLoad, variant => Median(variant, NatLoads.ExchangeAnew));
        yield return (StreamLoad, variant => Stream(variant, TimeSpan.FromMilliseconds(isQuick ? 50 : 400)));
    }

    private double Median(NatVariant variant, Action<NatNetwork, long[]> load) => variant.Run(_cpu, () =>
    {
        load(variant.Network, _ticks);
        Array.Sort(_ticks);
        return _ticks[Times / 2] * 1e9 / Stopwatch.Frequency;
    });

    private double Stream(NatVariant variant, TimeSpan duration)
    {
        variant.Network.SetOffloads(isOn: false);
        try
        {
            return variant.Run(_cpu, () => NatLoads.Stream(variant.Network, duration)) / 1e9;
        }
        finally
        {
            variant.Network.SetOffloads(isOn: true);
        }
    }

    // With the kernel's statistics, which are part of what all else measures.
    private double MeasurePrograms(NatVariant variant)
    {
        using var statistics = BpfStatistics.Enable();
        var before = variant.Programs.ToArray();
        _ = Median(variant, NatLoads.Exchange);
        return variant.Programs.Zip(before, static (now, then) => (now - then).NanosecondsPerRun).Sum();
    }

    private ResultTable Report(double perSecond, int flows, long[] tables)
    {
        var table = new ResultTable(
            "I", "Egress NAT: client, router and server on one CPU (medians; added: round by round; of none: of the same round)",
            "load", "variant", "measured", "added", "quartiles", "of none", "Cilium, elsewhere", "target");
        foreach (var load in new[] { ConnectLoad, SteadyLoad, NewLoad })
        {
            foreach (var variant in _variants)
            {
                var (sample, added) = (At(_samples, (load, variant)), At(_added, (load, variant)));
                var isOurs = load is ConnectLoad && variant == Datapath;
                table.Add(
                    load, variant.Name, Cell.Number(sample.Median), variant == None ? Cell.Empty : Cell.Number(added.Median), variant == None ? Cell.Empty : Cell.Spread(added),
                    Cell.Number(100 * added.Median / At(_samples, (load, None)).Median, "0.0'%'"),
                    variant == Datapath ? Elsewhere(load) : Cell.Empty,
                    isOurs ? Cell.Target(100 * added.Median / At(_samples, (load, None)).Median, 100 * CiliumConnect / CiliumNone * 2 / 3.0, "%") : Cell.Empty);
            }
        }

        foreach (var variant in _variants)
        {
            var (sample, share) = (At(_samples, (StreamLoad, variant)), At(_added, (StreamLoad, variant)));
            table.Add(
                StreamLoad, variant.Name, Cell.Number(sample.Median, "0.00"), Cell.Empty, variant == None ? Cell.Empty : Cell.Spread(share, "0.00"), Cell.Number(share.Median, "0.00"),
                variant == Datapath ? "0.85" : Cell.Empty, variant == Datapath ? Cell.AtLeast(share.Median, 0.9, "") : Cell.Empty);
        }

        foreach (var variant in new[] { _empty, Datapath, Full })
        {
            var (sample, empty) = (At(_programs, variant), At(_programs, _empty).Median);
            table.Add(
                ProgramsLoad, variant.Name, Cell.Number(sample.Median), variant == _empty ? Cell.Empty : Cell.Number(sample.Median - empty), Cell.Spread(sample), Cell.Empty,
                variant == Datapath ? $"{CiliumPrograms}, empty {CiliumEmpty}" : Cell.Empty,
                variant == Datapath ? Cell.Target(sample.Median - empty, MostPrograms - CiliumEmpty, " ns added") : Cell.Empty);
        }

        table.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{flows:N0} flows were begun at {perSecond / 1000:0}k a second, with their packet's whole way; each takes {(tables.Max() - tables.Min()) / (double)flows:0} bytes of the kernel, IPv4, two entries, and its table {tables.Min() / (double)MostFlows:0} more for each that there may be."));
        table.Notes.Add("Cilium 1.19.4, eBPF masquerading, was measured on another machine, where no NAT took 4,981 (connect), 2,732 and 4,741 ns, and 10.32 Gbit/s.");
        table.Notes.Add($"The target of the programs is {MostPrograms} ns where empty ones take {CiliumEmpty}, so it is what ours take beyond those.");
        return table;
    }

    // Those of the variants: other engines of the machine have tables of the same name.
    private static long[] ReadTables()
    {
        var own = OwnMaps.ReadIds();
        return [.. BpfInventory.FindMaps(MasqueradeObject.Flows4).Where(map => own.Contains(map.Info.Id)).Select(static map => map.MemoryBytes ?? 0)];
    }

    // What the kernel's statistics cost is in all of these, and differs by machine.
    private const int CiliumPrograms = 401;
    private const int CiliumEmpty = 48;
    private const int MostPrograms = 260;

    private const double CiliumNone = 4981;
    private const double CiliumConnect = 6735 - CiliumNone;

    private static Cell Elsewhere(string load) => load switch
    {
        ConnectLoad => "1754 (35.2%)",
        SteadyLoad => "331 (12.1%)",
        _ => "1493 (31.5%)",
    };

    private static Sample At<TKey>(Dictionary<TKey, Sample> samples, TKey key)
        where TKey : notnull => samples.TryGetValue(key, out var sample) ? sample : samples[key] = new();
}
