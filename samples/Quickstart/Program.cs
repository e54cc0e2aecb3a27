using System.Runtime.InteropServices;
using Datapath.Linux;
using Datapath.Quickstart;

if (!Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine("Run this as root: it makes network namespaces and loads eBPF programs.");
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    using var tour = new Tour();
    var isAsExpected = await tour.RunAsync(stop.Token);
    Console.WriteLine();
    Console.WriteLine(isAsExpected ? "Everything answered as it should. Cleaning up." : "Something did not answer as it should, see above. Cleaning up.");
    return isAsExpected ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine();
    Console.WriteLine("Stopped. Everything that was made is removed.");
    return 130;
}
catch (Exception e) when (e is LinuxException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true; // the end of the program cleans up
    stop.Cancel();
}
