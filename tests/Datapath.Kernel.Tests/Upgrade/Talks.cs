using System.Collections.Concurrent;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>Connections that exchange numbered bytes, each on a thread some hundred times a second, until they are disposed. They go with this.</summary>
internal sealed class Talks : IDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(2); // the processors are for others too

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly Talk[] _talks;
    private readonly int[] _exchanges;
    private readonly Thread[] _threads;

    public Talks(Talk[] talks)
    {
        (_talks, _exchanges) = (talks, new int[talks.Length]);
        _threads = [.. Enumerable.Range(0, talks.Length).Select(i => new Thread(() => Run(i)))];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Waits until each of them has said more, and insists that all was heard as it was said.</summary>
    public void AssertGoOn(int more = 10)
    {
        int[] goals = [.. _exchanges.Select(count => count + more)];
        Eventually.True(() => !_failures.IsEmpty || _exchanges.Zip(goals).All(static pair => pair.First >= pair.Second), "the connections have come to a halt");
        Assert.That(_failures, Is.Empty);
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var talk in _talks)
            talk.Dispose();
        _stop.Dispose();
    }

    private void Run(int i)
    {
        try
        {
            for (var isServerFirst = false; !_stop.IsCancellationRequested; isServerFirst = !isServerFirst)
            {
                _talks[i].Exchange(isServerFirst, length: 1 + (_exchanges[i] % 500));
                Volatile.Write(ref _exchanges[i], _exchanges[i] + 1);
                _ = _stop.Token.WaitHandle.WaitOne(s_pace);
            }
        }
        catch (Exception e) // on a thread of its own it would end the process
        {
            _failures.Enqueue(e);
        }
    }
}
