using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.Rings;

/// <summary>Fills a ring, then reads all of it, on one thread.</summary>
internal sealed class FullRing(EventRing events, IEventReader[] readers, EventRing? ofTwin, RingTwin? twin)
{
    private const int WarmUps = 40; // so often does code run before it is compiled for good

    private readonly Sample[] _rates = [.. readers.Select(static _ => new Sample())];
    private readonly Sample[] _ratios = [.. readers.Select(static _ => new Sample())];
    private readonly Sample[] _allocated = [.. readers.Select(static _ => new Sample())];
    private readonly Sample _twin = new();

    public void Run(int rounds, CancellationToken cancellation)
    {
        for (var round = -WarmUps; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rate = Twin();
            if (round >= 0)
                _twin.Add(rate);
            for (var i = 0; i < readers.Length; i++)
            {
                var (read, allocated) = Read(readers[i]);
                if (round < 0)
                    continue;
                _rates[i].Add(read);
                _ratios[i].Add(read / rate);
                _allocated[i].Add(allocated);
            }
        }
    }

    public void AddRows(ResultTable table, double promised)
    {
        if (twin is not null)
            table.Add("full: C twin", Cell.Number(_twin.Median, "0.0"), Cell.Spread(_twin, "0.0"));
        for (var i = 0; i < readers.Length; i++)
        {
            table.Add(
                $"full: {readers[i].Name}",
                Cell.Number(_rates[i].Median, "0.0"),
                Cell.Spread(_rates[i], "0.0"),
                Cell.Number(_ratios[i].Median, "0.00"),
                Cell.Number(_allocated[i].Median, "0.000"),
                Cell.Empty,
                Cell.AtLeast(_rates[i].Median, promised, ""));
        }
    }

    // NaN without a twin.
    private double Twin()
    {
        if (ofTwin is null || twin is null)
            return double.NaN;
        var before = ofTwin.Written;
        ofTwin.Write(EventRing.Room, ulong.MaxValue, isSilent: true);
        var sum = 0UL;
        var start = ThreadClock.Nanoseconds;
        var count = twin.Drain(ref sum);
        var nanoseconds = ThreadClock.Nanoseconds - start;
        Check(count, sum, before, ofTwin.Written);
        return 1000.0 * count / nanoseconds;
    }

    private (double Rate, double Allocated) Read(IEventReader reader)
    {
        var before = events.Written;
        events.Write(EventRing.Room, ulong.MaxValue, isSilent: true);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = ThreadClock.Nanoseconds;
        var read = reader.ReadAsync(EventRing.Room, CancellationToken.None);
        var nanoseconds = ThreadClock.Nanoseconds - start;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (!read.IsCompletedSuccessfully)
            throw new BenchException($"{reader.Name} did not find all that was there");
        Check(EventRing.Room, read.Result, before, events.Written);
        return (1000.0 * EventRing.Room / nanoseconds, (double)allocated / EventRing.Room);
    }

    // Each event counts twice its number.
    private static void Check(long count, ulong sum, ulong first, ulong end)
    {
        if (count != EventRing.Room || end - first != EventRing.Room || sum != (first + end - 1) * EventRing.Room)
            throw new BenchException($"{count} events of sum {sum} were read, of {end - first} from {first}, where {EventRing.Room} fit");
    }
}
