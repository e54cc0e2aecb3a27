using System.Collections.Concurrent;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Threads in pod 1 that dial without a pause until they are stopped.</summary>
internal sealed class Dialers : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly List<Thread> _threads = [];

    public Dialers(ServiceLab lab, params ReadOnlySpan<Func<Answer>> dials)
    {
        foreach (var dial in dials)
        {
            var thread = new Thread(() => lab.Pods[1].Run(() => Run(dial)));
            thread.Start();
            _threads.Add(thread);
        }
    }

    /// <summary>How many dials there were.</summary>
    public int Count => _answers.Values.Sum();

    /// <summary>Stops, and tells who answered or what failed, and how often.</summary>
    public IReadOnlyDictionary<string, int> Stop()
    {
        _stop.Cancel();
        foreach (var thread in _threads)
            thread.Join();
        return _answers;
    }

    public void Dispose()
    {
        _ = Stop();
        _stop.Dispose();
    }

    private void Run(Func<Answer> dial)
    {
        while (!_stop.IsCancellationRequested)
            _ = _answers.AddOrUpdate(dial().ToString(), 1, static (_, count) => count + 1);
    }
}
