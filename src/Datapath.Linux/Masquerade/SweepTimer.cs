namespace Datapath.Linux.Masquerade;

/// <summary>Sweeps again and again. A sweep that the kernel refuses is told, and tried again in its turn.</summary>
internal sealed class SweepTimer : IDisposable
{
    private readonly Func<int> _sweep;
    private readonly ITimer _timer;

    public SweepTimer(Func<int> sweep, TimeSpan interval, TimeProvider time)
    {
        _sweep = sweep;
        _timer = time.CreateTimer(_ => Sweep(), null, interval, interval);
    }

    /// <summary>Why the last one was refused; <see langword="null"/> if it was not.</summary>
    public string? Failure { get; private set; }

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        try
        {
            _ = _sweep();
            Failure = null;
        }
        catch (LinuxException e)
        {
            Failure = e.Message;
        }
    }
}
