using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>What a listener heard. A dial is told before its call returns, so nothing has to be waited for.</summary>
internal sealed class DialLog : IDisposable
{
    private readonly DialMonitor _monitor;

    public DialLog(ServiceLab lab, DialMonitorOptions? options = null)
        : this(DialMonitor.Open(lab.Datapath, options))
    {
    }

    public DialLog(DialMonitor monitor) => _monitor = monitor;

    public long Lost => _monitor.Lost;

    /// <summary>What was told since the last call.</summary>
    public List<ObservedDial> Take() => Heard.Take(_monitor.ReadAllAsync);

    public void Dispose() => _monitor.Dispose();
}
