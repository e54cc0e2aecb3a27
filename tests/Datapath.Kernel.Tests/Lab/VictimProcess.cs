using System.Diagnostics;
using System.Globalization;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A process that manages a pinned datapath and writes one version after the other, until it is killed.</summary>
internal sealed class VictimProcess : IDisposable
{
    private readonly Process _process;

    public VictimProcess(LinuxDatapathOptions options, int version)
        : this(options, version, [])
    {
    }

    private VictimProcess(LinuxDatapathOptions options, int version, params ReadOnlySpan<string> more)
    {
        _process = Process.Start(DotnetHost.Prepare(
            typeof(Versions).Assembly.Location, [options.BpfRoot, options.CgroupRoot!, version.ToString(CultureInfo.InvariantCulture), .. more]))!;
    }

    public int Id => _process.Id;

    /// <summary>
    /// Runs one that starts with the options, applies a version but for its last service, which it removes, and is killed at a step on the way.
    /// </summary>
    /// <returns>Whether it was killed; if not, it has no such step and has come to its end.</returns>
    public static bool DiesAt(int step, LinuxDatapathOptions options, int version)
    {
        using var victim = new VictimProcess(options, version, step.ToString(CultureInfo.InvariantCulture), $"{options.MaxFrontends}/{options.MaxSlots}");
        var said = victim._process.StandardOutput.ReadToEnd();
        victim._process.WaitForExit();
        Assert.That(
            (victim._process.ExitCode, said.Trim()), Is.EqualTo((128 + 9, "")).Or.EqualTo((0, "done")), victim._process.StandardError.ReadToEnd());
        return victim._process.ExitCode != 0;
    }

    /// <summary>Runs one that cannot start, and tells what it said.</summary>
    public static string ErrorOf(LinuxDatapathOptions options)
    {
        using var victim = new VictimProcess(options, version: 0);
        var said = victim._process.StandardError.ReadToEnd();
        victim._process.WaitForExit();
        Assert.That(victim._process.ExitCode, Is.Not.Zero);
        return said;
    }

    /// <summary>Waits until the process says that it has come so far.</summary>
    public void WaitFor(string line)
    {
        while (_process.StandardOutput.ReadLine() is { } said)
        {
            if (said == line)
                return;
        }

        Assert.Fail($"the process ended before '{line}': {_process.StandardError.ReadToEnd()}");
    }

    /// <summary>Ends it by SIGKILL, and insists that it had not ended by itself.</summary>
    public void Kill()
    {
        Assert.That(_process.HasExited, Is.False, () => _process.StandardError.ReadToEnd());
        _process.Kill();
        _process.WaitForExit();
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
}
