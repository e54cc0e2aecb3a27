using System.Collections.Concurrent;
using System.Diagnostics;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;

namespace Datapath.SampleNode;

/// <summary>A program that runs in the network namespace of a pod until it is killed.</summary>
public sealed class PodProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _readyText;

    private PodProcess(Process process, string readyText)
    {
        (_process, _readyText) = (process, readyText);
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new SampleException($"'{process.StartInfo.FileName}' ended early: {string.Join(' ', _lines)}"));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far, line by line.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts a program and waits until it is ready.</summary>
    /// <param name="network">The namespace to run in.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="readyText">What it writes once it is ready.</param>
    /// <param name="cgroup">The cgroup of the pod; <see langword="null"/> for that of this process.</param>
    /// <exception cref="SampleException">It ended, or was not ready in time.</exception>
    public static PodProcess Start(NetworkNamespace network, string file, IEnumerable<string> arguments, string readyText, Cgroup? cgroup = null)
    {
        // A child is in the network namespace of the thread that started it.
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its files would stay when the program is killed
        var started = new PodProcess(network.Run(() => Process.Start(start)!), readyText);
        try
        {
            cgroup?.AddProcess(started._process.Id);
            if (!started._ready.Task.Wait(s_patience))
                throw new SampleException($"'{file}' was not ready after {s_patience.TotalSeconds:0} s: {string.Join(' ', started._lines)}");
            return started;
        }
        catch (AggregateException e) when (e.InnerException is SampleException early)
        {
            started.Dispose();
            throw early;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote to its output.</returns>
    public static async Task<string> RunAsync(NetworkNamespace network, string file, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = network.Run(() => Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Waits until it has written a line. What it wrote before is in <see cref="Lines"/> by then.</summary>
    /// <param name="text">What the line has in it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="SampleException">It did not in time.</exception>
    public async Task WaitForAsync(string text, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        while (!_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
                throw new SampleException($"'{_process.StartInfo.FileName}' did not write '{text}' within {s_patience.TotalSeconds:0} s");
            await Task.Delay(TimeSpan.FromMilliseconds(5), stop);
        }
    }

    /// <summary>The path of a program; <see langword="null"/> if it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Ends it and its children by SIGKILL.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (line.Contains(_readyText, StringComparison.Ordinal))
            _ = _ready.TrySetResult();
    }
}
