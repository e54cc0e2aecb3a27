using System.Diagnostics;
using System.Text.Json;

namespace Datapath.Bench.Lab;

/// <summary>This program again, in a process of its own: only a fresh process has a first time.</summary>
internal static class WorkerProcess
{
    /// <summary>Runs a worker, and reads the one line of JSON that it prints.</summary>
    /// <exception cref="BenchException">It failed.</exception>
    public static T Run<T>(CancellationToken cancellation, params ReadOnlySpan<string> arguments)
    {
        cancellation.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var worker = Process.Start(start)!;
        var output = worker.StandardOutput.ReadToEnd();
        worker.WaitForExit();
        cancellation.ThrowIfCancellationRequested(); // the signal of a terminal reaches the worker too
        return worker.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output)!
            : throw new BenchException($"the worker '{arguments[0]}' ended with {worker.ExitCode}");
    }
}
