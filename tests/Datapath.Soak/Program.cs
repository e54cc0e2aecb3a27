using System.Runtime.InteropServices;
using System.Text.Json;
using Datapath.Kernel.Tests.Soak;
using Datapath.Soak;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(SoakArguments.Usage);
    return 0;
}

// A signal ends the round, so that the summary is told and what was made is taken away again.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var arguments = SoakArguments.Parse(args);
    using var run = new SoakRun(arguments.Options, Console.Error.WriteLine);
    var report = run.Run(stop.Token);
    Console.WriteLine(arguments.IsJson
        ? JsonSerializer.Serialize(new { values = report.Rows().ToDictionary(static row => row.Name, static row => row.Value), faults = report.Faults }, JsonSerializerOptions.Web)
        : report);
    return report.IsClean ? 0 : 1;
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (Exception e) // only what is caught lets go of what the run has made
{
    Console.Error.WriteLine(e);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
