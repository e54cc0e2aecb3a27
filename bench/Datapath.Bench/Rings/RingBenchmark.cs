using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Bench.Twins;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Bench.Rings;

/// <summary>Part E: how fast events of 64 bytes are read, from a full ring and while a program writes.</summary>
internal static class RingBenchmark
{
    private const string Title =
        "Ring buffer, million events of 64 bytes a second (4 MiB; the twin is C; medians of rounds, quartiles). full: a ring that is full is read to its end, "
        + "by processor time of one thread. sustained: a program writes on one CPU as fast as it can, the reader waits and reads on another";

    private const double Promised = 15;

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var compiled = CompiledTwin.TryLoad();
        var table = new ResultTable("E", Title, "reader", "M events/s", "quartiles", "of C", "bytes allocated per event", "lost", "target");
        using var events = new EventRing();
        using var ring = BpfRingBuffer.Open(events.Map);
        IEventReader[] readers =
        [
            new DrainReader(ring),
            new DelegateReader(ring),
            new HandReader(ring),
            new PipeEventReader(ring),
            new BatchReader(ring),
            new SingleReader(ring),
        ];
        using var ofTwin = compiled is null ? null : new EventRing();
        using var twin = ofTwin is null ? null : new RingTwin(compiled!, ofTwin);

        var full = new FullRing(events, readers, ofTwin, twin);
        PinnedThread.Run(options.Cpu, () => full.Run(options.IsQuick ? 5 : 101, cancellation));
        full.AddRows(table, Promised);
        if (Environment.ProcessorCount > 1)
        {
            var sustained = new SustainedRing(events, readers, ofTwin, twin);
            sustained.Run(options.Cpu, options.IsQuick ? 1 : 9, options.IsQuick ? 200_000 : 2_000_000, cancellation);
            sustained.AddRows(table, twin is not null);
        }
        else
        {
            table.Notes.Add("One CPU: nothing can be read while a program writes.");
        }

        if (twin is null)
            table.Notes.Add("No C compiler is here, so there is no twin.");
        return table;
    }
}
