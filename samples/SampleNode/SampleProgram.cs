using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.SampleNode;

/// <summary>What the samples that make a node have in common: they need root, tell failures in a line, and clean up after Ctrl-C.</summary>
public static class SampleProgram
{
    /// <summary>Runs a sample.</summary>
    /// <param name="run">The sample; tells whether everything was as it should be. When it returns or throws, nothing is left of it.</param>
    /// <returns>The exit code: 0 if so, 1 if not, 2 without root, 130 if it was stopped.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<bool>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
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
            var isAsExpected = await run(stop.Token);
            Console.WriteLine();
            Console.WriteLine(isAsExpected
                ? "Everything answered as it should. Everything that was made is removed."
                : "Something did not answer as it should, see above. Everything that was made is removed.");
            return isAsExpected ? 0 : 1;
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or SampleException)
        {
            // A terminal interrupts the programs in the pods as well, and who waits for one of them may notice that first.
            Console.WriteLine();
            Console.WriteLine("Stopped. Everything that was made is removed.");
            return 130;
        }
        catch (Exception e) when (e is LinuxException or PlatformNotSupportedException or SampleException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true; // the end of the program cleans up
            stop.Cancel();
        }
    }
}
