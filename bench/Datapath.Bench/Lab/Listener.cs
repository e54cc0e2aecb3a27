using Datapath.Linux;

namespace Datapath.Bench.Lab;

/// <summary>Somebody who hears each dial of a datapath and does nothing with it.</summary>
internal sealed class Listener : IDisposable
{
    private readonly DialMonitor _monitor;
    private readonly Task _reading;

    public Listener(LinuxDatapath datapath)
    {
        _monitor = DialMonitor.Open(datapath);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Ends it, and insists that no dial was lost: one that finds no room costs less.</summary>
    public void Dispose()
    {
        _monitor.Dispose();
        try
        {
            _reading.GetAwaiter().GetResult();
        }
        catch (ObjectDisposedException)
        {
            // the end came before the task had begun to read
        }

        if (_monitor.Lost > 0)
            throw new BenchException($"{_monitor.Lost} dials were lost: the listener is too slow to time it");
    }

    private async Task ReadAsync()
    {
        await foreach (var dial in _monitor.ReadAllAsync().ConfigureAwait(false))
            GC.KeepAlive(dial);
    }
}
