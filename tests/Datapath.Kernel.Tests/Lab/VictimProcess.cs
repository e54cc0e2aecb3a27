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
    {
        _process = Process.Start(DotnetHost.Prepare(
            typeof(Versions).Assembly.Location, options.BpfRoot, options.CgroupRoot!, version.ToString(CultureInfo.InvariantCulture)))!;
    }

    public int Id => _process.Id;

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
