using System.Diagnostics;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.Rings;

/// <summary>A program writes on one CPU while another reads; what does not fit is lost.</summary>
internal sealed class SustainedRing
{
    private const int Portion = 20_000; // events in a run of the program

    private readonly List<Side> _sides = [];

    public SustainedRing(EventRing events, IEventReader[] readers, EventRing? ofTwin, RingTwin? twin)
    {
        if (ofTwin is not null && twin is not null)
        {
            _sides.Add(new("C twin, epoll", ofTwin, count => Task.Run(() =>
            {
                var sum = 0UL;
                twin.Consume(count, ref sum);
                return sum;
            })));
        }

        foreach (var reader in readers)
            _sides.Add(new(reader.Name, events, count => Task.Run(async () => await reader.ReadAsync(count, CancellationToken.None).ConfigureAwait(false))));
    }

    /// <summary>Measures all readers, one after the other, some times.</summary>
    /// <param name="cpu">The program's; the reader has the others.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="count">How many events the program writes.</param>
    /// <param name="cancellation">Ends it between two readers.</param>
    public void Run(int cpu, int rounds, int count, CancellationToken cancellation)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var side in _sides)
            {
                cancellation.ThrowIfCancellationRequested();
                Measure(side, cpu, count);
            }
        }
    }

    public void AddRows(ResultTable table, bool hasTwin)
    {
        foreach (var side in _sides)
        {
            table.Add(
                $"sustained: {side.Name}",
                Cell.Number(side.Rate.Median, "0.0"),
                Cell.Spread(side.Rate, "0.0"),
                hasTwin && side != _sides[0] ? Cell.Number(side.Rate.Median / _sides[0].Rate.Median, "0.00") : Cell.Empty,
                Cell.Empty,
                new($"{side.Lost.Median:0.0}%", Math.Round(side.Lost.Median, 2)));
        }
    }

    private static void Measure(Side side, int cpu, int count)
    {
        var (first, lost) = (side.Events.Written, side.Events.Lost);
        var end = first + (ulong)count;
        var start = Stopwatch.GetTimestamp();
        var reading = side.Read(count);
        PinnedThread.Run(cpu, () =>
        {
            while (side.Events.Written < end)
                side.Events.Write(Portion, end, isSilent: false);
        });
        var sum = reading.GetAwaiter().GetResult();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (sum != (first + end - 1) * (ulong)count) // each event counts twice its number
            throw new BenchException($"{side.Name} read events of sum {sum} from {first} to {end}");
        lost = side.Events.Lost - lost;
        side.Rate.Add(count / seconds / 1e6);
        side.Lost.Add(100.0 * lost / (lost + (ulong)count));
    }

    private sealed record Side(string Name, EventRing Events, Func<long, Task<ulong>> Read)
    {
        public Sample Rate { get; } = new();

        public Sample Lost { get; } = new();
    }
}
