using System.Runtime.ExceptionServices;

namespace Datapath.Linux.Services;

/// <summary>
/// Frees slots that changes have replaced, once no program can be reading them: aside, so that nobody waits for the grace period but a change that finds no room. Many at once, few after a rest that
/// all changes of a while share.
/// </summary>
internal sealed class SlotReclaim : IDisposable
{
    /// <summary>A grace period is worth its price at once when this part of the slots waits for one.</summary>
    private const int WorthwhilePart = 8;

    /// <summary>How long few slots wait: changes without end have the kernel wait once in this time.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);

    private readonly Action _waitForReaders;
    private readonly Lock _gate;
    private readonly SlotAllocator[] _allocators;
    private readonly ITimer _timer;
    private Task _last = Task.CompletedTask;
    private ExceptionDispatchInfo? _failure; // of the last one, which nobody has been told yet
    private bool _isRunning;
    private bool _isDue; // after the rest that runs
    private bool _isDisposed;

    /// <param name="waitForReaders">Waits for a grace period.</param>
    /// <param name="gate">What allocators are used under.</param>
    /// <param name="time">The clock of rests.</param>
    /// <param name="allocators">Whose slots.</param>
    public SlotReclaim(Action waitForReaders, Lock gate, TimeProvider time, params SlotAllocator[] allocators)
    {
        (_waitForReaders, _gate, _allocators) = (waitForReaders, gate, allocators);
        _timer = time.CreateTimer(static reclaim => ((SlotReclaim)reclaim!).RunWhatIsDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts if slots wait. Call it under the gate, after changes.</summary>
    /// <exception cref="LinuxException">The kernel refused the last time.</exception>
    public void Start()
    {
        var failure = _failure;
        _failure = null;
        failure?.Throw();
        if (!_isRunning && IsWorthwhile())
            Run();
        else
            RunAfterRest();
    }

    /// <summary>Frees all at once. Call it under the gate.</summary>
    public void RunNow()
    {
        _waitForReaders();
        foreach (var allocator in _allocators)
            allocator.FreeRetired();
    }

    /// <summary>Waits for what runs; nothing more begins. Not to be called under the gate.</summary>
    public void Dispose()
    {
        Task running;
        lock (_gate)
        {
            _isDisposed = true;
            running = _last;
        }

        _timer.Dispose();
        _ = Task.WaitAny(running);
    }

    private void Run()
    {
        _isRunning = true;
        _last = Task.Run(Reclaim);
    }

    private bool IsWorthwhile() => Array.Exists(_allocators, static allocator => allocator.Retired >= allocator.Capacity / WorthwhilePart);

    // Under the gate.
    private void RunAfterRest()
    {
        if (_isDue || !Array.Exists(_allocators, static allocator => allocator.Retired > 0))
            return;
        _isDue = true;
        _ = _timer.Change(s_rest, Timeout.InfiniteTimeSpan);
    }

    private void RunWhatIsDue()
    {
        lock (_gate)
        {
            _isDue = false;
            if (_isDisposed || _failure is not null) // that is for the next change to tell
                return;
            if (_isRunning)
                RunAfterRest();
            else
                Run();
        }
    }

    private void Reclaim()
    {
        try
        {
            while (ReclaimOnce())
            {
            }
        }
        catch (Exception e)
        {
            lock (_gate)
                (_failure, _isRunning) = (ExceptionDispatchInfo.Capture(e), false);
        }
    }

    /// <summary>Frees what waits now.</summary>
    /// <returns>Whether so much waits by then that it goes on at once.</returns>
    private bool ReclaimOnce()
    {
        RetiredSlots[] noted;
        lock (_gate)
            noted = Array.ConvertAll(_allocators, static allocator => allocator.NoteRetired());
        _waitForReaders();
        lock (_gate)
        {
            for (var i = 0; i < _allocators.Length; i++)
                _allocators[i].FreeRetired(noted[i]);
            _isRunning = !_isDisposed && IsWorthwhile();
            if (!_isRunning && !_isDisposed)
                RunAfterRest();
            return _isRunning;
        }
    }
}
