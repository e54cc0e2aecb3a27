using System.Globalization;
using System.Text.Json;
using Datapath.Bench.Lab;
using Datapath.Policy;

namespace Datapath.Bench.Policies;

/// <summary>Reads manifests in a process of its own, on one CPU. Prints one line of JSON.</summary>
internal static class ReadingWorker
{
    public const string Argument = "--reading-worker";
    private const int WarmUps = 3;

    public static ReadingRun Start(int services, int rounds, int cpu, CancellationToken cancellation) => WorkerProcess.Run<ReadingRun>(
        cancellation, Argument, services.ToString(CultureInfo.InvariantCulture), rounds.ToString(CultureInfo.InvariantCulture), cpu.ToString(CultureInfo.InvariantCulture));

    public static void Run(int services, int rounds, int cpu, CancellationToken cancellation)
    {
        PinnedThread.PinTo(cpu);
        var list = ManifestTexts.List(new(services));
        var few = ManifestTexts.List(new(services / 10)); // YAML is far slower
        var run = new ReadingRun(
            Read(ManifestTexts.Json(list, isIndented: false), "list.json", services, rounds, cancellation),
            Read(ManifestTexts.Json(list, isIndented: true), "list.json", services, rounds, cancellation),
            Read(ManifestTexts.Yaml(few), "list.yaml", services / 10, rounds, cancellation));
        Console.WriteLine(JsonSerializer.Serialize(run));
    }

    private static TextRun Read(byte[] text, string file, int services, int rounds, CancellationToken cancellation)
    {
        var (seconds, walks) = (new List<double>(), new List<double>());
        var allocated = 0L;
        for (var round = -WarmUps; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            GC.Collect(); // what the round before left is not to be paid for here
            var start = ThreadClock.Nanoseconds;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var content = ManifestReader.Read(text, file);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var read = ThreadClock.Nanoseconds;
            if (content.Objects.Length != 2 * services || !content.Diagnostics.IsEmpty)
                throw new BenchException($"{content.Objects.Length} of {2 * services} objects read; {content.Diagnostics.FirstOrDefault()}");
            var between = ThreadClock.Nanoseconds;
            if (file.EndsWith(".json", StringComparison.Ordinal))
                Walk(text);
            if (round < 0)
                continue;
            seconds.Add((read - start) / 1e9);
            walks.Add((ThreadClock.Nanoseconds - between) / 1e9);
        }

        return new(text.Length, [.. seconds], [.. walks], (double)allocated / text.Length);
    }

    private static void Walk(byte[] text)
    {
        var reader = new Utf8JsonReader(text);
        while (reader.Read())
        {
        }
    }
}
