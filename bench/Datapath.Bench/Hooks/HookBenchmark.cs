using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.Hooks;

/// <summary>Part A: what each hook takes, by the kernel's own clock around each program.</summary>
internal sealed class HookBenchmark : IDisposable
{
    public const int Many = 10_000;
    private readonly VariantSet _set = new();
    private readonly IVariant[] _one;
    private readonly IVariant[] _many;

    private HookBenchmark()
    {
        try
        {
            var (one, many) = (new ServiceSet(1, L4Protocol.Tcp), new ServiceSet(Many, L4Protocol.Tcp));
            var empty = _set.Keep(ObjectVariant.Empty(_set.Cgroups));
            _one = [empty, _set.Keep(ObjectVariant.Floor(_set.Cgroups, one)), _set.Keep(new DatapathVariant(_set.Cgroups, one, traceBufferSize: ListenerCases.RingSize))];
            _many = [empty, _set.Keep(ObjectVariant.Floor(_set.Cgroups, many)), _set.Keep(new DatapathVariant(_set.Cgroups, many))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var network = LoopbackNetwork.Create();
        return network.Run(() =>
        {
            PinnedThread.PinTo(options.Cpu);
            using var cases = new HookCases();
            using var benchmark = new HookBenchmark();
            using var statistics = Linux.Bpf.BpfStatistics.Enable();
            return HookReport.Make(benchmark.Measure(cases.All, options.Rounds, cancellation));
        });
    }

    public void Dispose() => _set.Dispose();

    private Dictionary<HookCase, HookResult> Measure(HookCase[] cases, int rounds, CancellationToken cancellation)
    {
        var results = cases.ToDictionary(static c => c, static _ => new HookResult());
        var order = (HookCase[])cases.Clone();
        var random = new Random(Seed: 11);
        for (var round = -1; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (var hookCase in order)
            {
                cancellation.ThrowIfCancellationRequested();
                var variants = hookCase.IsMany ? _many : _one;
                var costs = new double[variants.Length];
                int[] turns = [.. Enumerable.Range(0, variants.Length)];
                random.Shuffle(turns);
                foreach (var turn in turns)
                    costs[turn] = Measure(hookCase, variants[turn]);
                if (round >= 0) // the round before the first only warms up
                    results[hookCase].Add(costs[0], costs[1], costs[2]);
            }
        }

        return results;
    }

    private static double Measure(HookCase hookCase, IVariant variant)
    {
        if (variant.Read(hookCase.Hook) is null)
            return double.NaN;
        variant.Cgroup.AddCurrentProcess();
        using var listener = ListenerCases.Enter(hookCase.Listener, variant);
        using var load = hookCase.Make();
        load.Run(hookCase.Times / 10);
        var before = variant.Read(hookCase.Hook)!.Value;
        load.Run(hookCase.Times);
        var after = variant.Read(hookCase.Hook)!.Value;
        var runs = after.Runs - before.Runs;
        if (runs != hookCase.Times)
            throw new BenchException($"{hookCase.Name}: {hookCase.Hook} ran {runs} times in cgroup {variant.Cgroup}, expected {hookCase.Times}");
        return (double)(after.Nanoseconds - before.Nanoseconds) / runs;
    }
}
