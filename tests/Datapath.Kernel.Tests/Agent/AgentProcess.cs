using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>The agent as a process.</summary>
internal sealed partial class AgentProcess : IDisposable
{
    public const int SigInt = 2;
    public const int SigTerm = 15;
    public const int SigContinue = 18;
    public const int SigStop = 19;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = [];

    private AgentProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not null)
                _errors.Enqueue(e.Data);
        };
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts a command, and does not wait.</summary>
    public static AgentProcess Start(params ReadOnlySpan<string> arguments) => new(Process.Start(Prepare(AppContext.BaseDirectory, [], arguments))!);

    /// <summary>Runs a command to its end.</summary>
    public static AgentRun Run(params ReadOnlySpan<string> arguments) => Run(Prepare(AppContext.BaseDirectory, [], arguments));

    /// <summary>Runs a command to its end, as a user without any right.</summary>
    /// <param name="folder">A copy of the agent that the user may read.</param>
    /// <param name="arguments">The command.</param>
    public static AgentRun RunAsNobody(string folder, params ReadOnlySpan<string> arguments) =>
        Run(Prepare(folder, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], arguments));

    /// <summary>Starts a command as a user who is not root and has capabilities, and does not wait.</summary>
    /// <param name="capabilities">Which, such as <c>+bpf,+sys_admin</c>.</param>
    /// <param name="folder">A copy of the agent that the user may read.</param>
    /// <param name="arguments">The command.</param>
    public static AgentProcess StartAsNobodyWith(string capabilities, string folder, params ReadOnlySpan<string> arguments) => new(Process.Start(
        Prepare(folder, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}"], arguments))!);

    /// <summary>Runs a command to its end, as root that lacks capabilities.</summary>
    /// <param name="dropped">Which, such as <c>-bpf,-sys_admin</c>.</param>
    /// <param name="arguments">The command.</param>
    public static AgentRun RunWithout(string dropped, params ReadOnlySpan<string> arguments) =>
        Run(Prepare(AppContext.BaseDirectory, ["setpriv", $"--bounding-set={dropped}", $"--inh-caps={dropped}"], arguments));

    /// <summary>Waits until the agent has said so.</summary>
    public void WaitFor(string text)
    {
        var start = Stopwatch.GetTimestamp();
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(s_longest), () => $"'{text}' expected, the agent said: {Errors}");
            Assert.That(_process.HasExited, Is.False, () => $"'{text}' expected, the agent ended and said: {Errors}");
            Thread.Sleep(5);
        }
    }

    /// <summary>The next line on standard output.</summary>
    public string? ReadLine() => _process.StandardOutput.ReadLineAsync().WaitAsync(s_longest).GetAwaiter().GetResult();

    /// <summary>Takes no more of standard output.</summary>
    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Insists that it ends by itself soon.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForEnd()
    {
        Assert.That(_process.WaitForExit(s_longest), () => $"the agent does not end, it said: {Errors}");
        _process.WaitForExit(); // for the rest of its output
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.That(kill(_process.Id, signal), Is.Zero);

    /// <summary>Ends it by SIGKILL.</summary>
    public void Kill()
    {
        Assert.That(_process.HasExited, Is.False, () => Errors);
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to end, and insists that it does.</summary>
    /// <returns>The exit code.</returns>
    public int Stop()
    {
        Signal(SigTerm);
        Assert.That(_process.WaitForExit(s_longest), () => $"the agent does not end, it said: {Errors}");
        _process.WaitForExit(); // for the rest of its output
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static AgentRun Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_longest))
        {
            process.Kill();
            Assert.Fail($"'{string.Join(' ', start.ArgumentList)}' does not end");
        }

        process.WaitForExit();
        return new(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    private static ProcessStartInfo Prepare(string folder, string[] prefix, ReadOnlySpan<string> arguments)
    {
        string[] line = [.. prefix, DotnetHost.Executable, Path.Combine(folder, "datapath-agent.dll"), .. arguments];
        return DotnetHost.Interruptible(new(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true });
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
