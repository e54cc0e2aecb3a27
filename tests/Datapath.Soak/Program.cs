using System.Runtime.InteropServices;
using System.Text.Json;
using Datapath.Kernel.Tests.Soak;
using Datapath.Kernel.Tests.Soak.Nat;
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
    var report = Run(arguments);
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

ISoakReport Run(SoakArguments arguments)
{
    if (arguments.ShortFlows is { } flows)
    {
        using var shortFlows = new ShortFlowsRun(flows, Console.Error.WriteLine);
        return shortFlows.Run(stop.Token);
    }

    if (arguments.Masquerade is { } masquerade)
    {
        using var egress = new NatSoakRun(masquerade, Console.Error.WriteLine);
        return egress.Run(stop.Token);
    }

    using var services = new SoakRun(arguments.Services, Console.Error.WriteLine);
    return services.Run(stop.Token);
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
