using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Datapath.Bench;
using Datapath.Bench.ControlPlane;
using Datapath.Bench.EndToEnd;
using Datapath.Bench.Hooks;
using Datapath.Bench.Interop;
using Datapath.Bench.KernelTypes;
using Datapath.Bench.Maps;
using Datapath.Bench.Nat;
using Datapath.Bench.Policies;
using Datapath.Bench.Results;
using Datapath.Bench.Rings;
using Datapath.Bench.StaleSockets;

// A signal ends the benchmark between two rounds, so that what it made is taken away again.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args is [ControlPlaneWorker.Argument, var fills, var changes])
        ControlPlaneWorker.Run(Number(fills), Number(changes), stop.Token);
    else if (args is [KernelTypesWorker.Argument, var memory])
        KernelTypesWorker.Run(mayBorrow: memory is "borrow");
    else if (args is [CompileWorker.Argument, var compiled, var edits, var compileCpu])
        CompileWorker.Run(Number(compiled), Number(edits), Number(compileCpu), stop.Token);
    else if (args is [ReadingWorker.Argument, var read, var rounds, var readCpu])
        ReadingWorker.Run(Number(read), Number(rounds), Number(readCpu), stop.Token);
    else if (args is ["--help" or "-h"])
        Console.WriteLine(BenchOptions.Usage);
    else
        Run(BenchOptions.Parse(args), stop.Token);
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped; nothing is left behind");
    return 130;
}
catch (Exception e) when (e is BenchException or Datapath.Linux.LinuxException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

static int Number(string argument) => int.Parse(argument, CultureInfo.InvariantCulture);

static void Run(BenchOptions options, CancellationToken cancellation)
{
    if (Libc.geteuid() != 0)
    {
        throw new BenchException(
            "needs root: it loads eBPF programs, makes cgroups and network namespaces. Try: sudo dotnet run -c Release --project bench/Datapath.Bench");
    }

    var machine = Machine.Read();
    if (!options.IsJson)
    {
        Console.WriteLine(machine);
        Console.WriteLine("Compare figures of one run only; a machine with other work makes all of them larger and the spread wider.");
    }

    var tables = new List<ResultTable>();
    foreach (var (part, run) in new (char, Func<BenchOptions, CancellationToken, ResultTable>)[]
    {
        ('A', HookBenchmark.Run),
        ('B', EndToEndBenchmark.Run),
        ('C', ControlPlaneBenchmark.Run),
        ('D', MapBenchmark.Run),
        ('E', RingBenchmark.Run),
        ('F', KernelTypesBenchmark.Run),
        ('G', PolicyBenchmark.Run),
        ('H', StaleSocketBenchmark.Run),
        ('I', NatBenchmark.Run),
        ('J', OneBackendBenchmark.Run),
    })
    {
        if (!options.Parts.Contains(part))
            continue;
        tables.Add(run(options, cancellation));
        if (!options.IsJson)
            Console.WriteLine($"\n{tables[^1]}");
    }

    if (options.IsJson)
    {
        var parts = tables.ToDictionary(static t => t.Part, static t => new { t.Title, rows = t.Values(), t.Notes });
        Console.WriteLine(JsonSerializer.Serialize(new { machine, parts }, JsonOutput.Options));
    }
}
