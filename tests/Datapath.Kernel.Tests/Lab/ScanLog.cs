using System.Collections.Concurrent;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>The walks over the sockets of the machine that a datapath tells of.</summary>
internal sealed class ScanLog : IDisposable
{
    private readonly BlockingCollection<StaleSocketScan> _scans = [];
    private readonly LinuxDatapath _datapath;

    public ScanLog(LinuxDatapath datapath)
    {
        _datapath = datapath;
        _datapath.StaleSocketsScanned += Add;
    }

    /// <summary>How many were told of and not taken.</summary>
    public int Count => _scans.Count;

    /// <summary>Waits for the next one.</summary>
    public StaleSocketScan Next()
    {
        Assert.That(_scans.TryTake(out var scan, TimeSpan.FromSeconds(60)), Is.True, "no scan within a minute");
        return scan!;
    }

    public void Dispose()
    {
        _datapath.StaleSocketsScanned -= Add;
        _scans.Dispose();
    }

    private void Add(object? sender, StaleSocketScan scan) => _scans.Add(scan);
}
