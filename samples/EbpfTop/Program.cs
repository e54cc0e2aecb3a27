using System.Globalization;
using Datapath.Linux.Bpf;

// How many seconds to watch; without an end if none are named.
var seconds = args.Length == 0 ? int.MaxValue : int.Parse(args[0], CultureInfo.InvariantCulture);

// The kernel counts runs only while somebody wants it to: for as long as this object lives.
using var statistics = BpfStatistics.Enable();
var before = BpfRunSnapshot.Take();
for (; seconds > 0; seconds--)
{
    await Task.Delay(TimeSpan.FromSeconds(1));
    var now = BpfRunSnapshot.Take();

    // Every program of the machine, whoever loaded it; those that took most of a CPU first.
    Console.WriteLine($"{"PROGRAM",8} {"KIND",-16} {"RUNS/S",12} {"NS/RUN",8} {"CPU",7}  NAME");
    foreach (var runs in now.Since(before).OrderByDescending(static r => r.CpuShare).Take(20))
    {
        var program = runs.Program;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{program.Id,8} {program.Type,-16} {runs.RunsPerSecond,12:0.0} {runs.Statistics.NanosecondsPerRun,8:0} {runs.CpuShare,7:0.0%}  {program.Name}"));
    }

    Console.WriteLine();
    before = now;
}
