using System.Diagnostics;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.EndToEnd;

/// <summary>Part B: what a client and a server on one CPU notice. Run statistics are off: they would be part of it.</summary>
internal sealed class EndToEndBenchmark : IDisposable
{
    private const int Many = 10_000;
    private const int Times = 2_000;
    private readonly VariantSet _set = new();
    private readonly Dictionary<int, IVariant[]> _variantsOf = [];
    private readonly long[] _dials = new long[Times];
    private readonly long[] _cycles = new long[Times];

    private EndToEndBenchmark()
    {
        try
        {
            var none = _set.Keep(new BareVariant(_set.Cgroups.Create("none")));
            foreach (var count in new[] { 1, Many })
            {
                var services = new ServiceSet(count, L4Protocol.Tcp, L4Protocol.Udp);
                _variantsOf[count] = [none, _set.Keep(ObjectVariant.Floor(_set.Cgroups, services)), _set.Keep(new DatapathVariant(_set.Cgroups, services))];
            }
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
            using var benchmark = new EndToEndBenchmark();
            EndToEndCase[] cases =
            [
                new("TCP connect, accept, close; 1 service", 1, static () => new TcpExchange())
                {
                    Call = "connect()",
                    CallReference = new(None: 3661, Balanced: 4355),
                },
                new("TCP connect, accept, close; 10,000 services", Many, static () => new TcpExchange())
                {
                    Call = "connect()",
                    CallReference = new(None: 4496, Balanced: 6423),
                },
                new("UDP question and answer, new socket; 1 service", 1, static () => new UdpExchange())
                {
                    Call = "sendto()",
                    CycleReference = new(None: 3957, Balanced: 5096),
                },
                new("UDP question and answer, new socket; 10,000 services", Many, static () => new UdpExchange()) { Call = "sendto()" },
            ];
            benchmark.Measure(cases, options.Rounds, cancellation);
            return EndToEndReport.Make(cases);
        });
    }

    public void Dispose() => _set.Dispose();

    private void Measure(EndToEndCase[] cases, int rounds, CancellationToken cancellation)
    {
        var order = (EndToEndCase[])cases.Clone();
        var random = new Random(Seed: 13);
        for (var round = -1; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (var exchangeCase in order)
            {
                cancellation.ThrowIfCancellationRequested();
                var dials = new Timing[3];
                var cycles = new Timing[3];
                int[] turns = [0, 1, 2];
                random.Shuffle(turns);
                foreach (var turn in turns)
                    (dials[turn], cycles[turn]) = Measure(exchangeCase, _variantsOf[exchangeCase.Services][turn]);
                if (round < 0)
                    continue;
                exchangeCase.Dial.Add(dials[0].Median, dials[1].Median, dials[2].Median, dials[2].Tail);
                exchangeCase.Cycle.Add(cycles[0].Median, cycles[1].Median, cycles[2].Median, cycles[2].Tail);
            }
        }
    }

    private (Timing Dial, Timing Cycle) Measure(EndToEndCase exchangeCase, IVariant variant)
    {
        variant.Cgroup.AddCurrentProcess();
        using var exchange = exchangeCase.Make();

        var targets = variant is BareVariant ? exchangeCase.Backends : exchangeCase.ServiceAddresses;
        exchange.Run(targets, _dials, _cycles); // warm: sockets, caches of routes
        exchange.Run(targets, _dials, _cycles);
        return (Timing.Of(_dials), Timing.Of(_cycles));
    }

    private readonly record struct Timing(double Median, double Tail)
    {
        public static Timing Of(long[] ticks)
        {
            Array.Sort(ticks);
            return new(ToNanoseconds(ticks[ticks.Length / 2]), ToNanoseconds(ticks[ticks.Length * 99 / 100]));
        }

        private static double ToNanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
    }
}
