using System.Diagnostics;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Since when each pod is out of the service. Written by one thread, read by those that dial.</summary>
internal sealed class RemovalLog(int pods)
{
    private readonly long[] _removed = new long[pods + 2];

    /// <summary>Changes the service: what comes is told before the change, what goes after it.</summary>
    /// <param name="before">The pods until now.</param>
    /// <param name="after">The pods from now on.</param>
    /// <param name="change">Brings them in.</param>
    public void Change(IEnumerable<int> before, IEnumerable<int> after, Action change)
    {
        foreach (var pod in after)
            Volatile.Write(ref _removed[pod], 0);
        change();
        foreach (var pod in before.Except(after))
            Volatile.Write(ref _removed[pod], Stopwatch.GetTimestamp());
    }

    /// <summary>How long a pod had been out when a dial began that it has answered; zero if it had not been.</summary>
    public TimeSpan OutBefore(int pod, long dialed)
    {
        var removed = Volatile.Read(ref _removed[pod]);
        return removed == 0 || removed >= dialed ? TimeSpan.Zero : Stopwatch.GetElapsedTime(removed, dialed);
    }

    /// <summary>Whether some pod has been out for so long.</summary>
    public bool IsSomeOutFor(TimeSpan time, long now) => _removed.Any(removed => removed != 0 && Stopwatch.GetElapsedTime(removed, now) > time);
}
