namespace Datapath.Linux.Masquerade;

/// <summary>
/// Looks once a second whether programs are still where they were attached, and their pins where they were put: the kernel tells nobody that programs were detached. A look that the kernel refuses is told, and the next
/// comes all the same.
/// </summary>
internal sealed class HookGuard : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Action _look;
    private readonly Action _looked;
    private readonly ITimer _timer;
    private volatile string? _failure;
    private volatile bool _isDisposed;

    /// <summary>Begins to look.</summary>
    /// <param name="look">Looks. It may throw a <see cref="LinuxException"/>.</param>
    /// <param name="looked">Told after each look, also one that was refused.</param>
    /// <param name="time">The clock.</param>
    public HookGuard(Action look, Action looked, TimeProvider time)
    {
        (_look, _looked) = (look, looked);
        _timer = time.CreateTimer(static guard => ((HookGuard)guard!).LookAndGoOn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        GoOn();
    }

    /// <summary>Why the last look was refused; <see langword="null"/> if it was not.</summary>
    public string? Failure => _failure;

    /// <summary>Looks now.</summary>
    public void Look()
    {
        try
        {
            _look();
            _failure = null;
        }
        catch (LinuxException e)
        {
            _failure = e.Message;
        }
        catch (ObjectDisposedException) when (_isDisposed)
        {
            return; // nobody is to be told any more
        }

        _looked();
    }

    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
    }

    private void LookAndGoOn()
    {
        Look();
        GoOn();
    }

    private void GoOn() => _ = _timer.Change(s_interval, Timeout.InfiniteTimeSpan);
}
