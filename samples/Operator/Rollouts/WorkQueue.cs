using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Datapath.Operator.Rollouts;

/// <summary>Names that are due, each once however often it was added. Safe from any thread; read by one.</summary>
internal sealed class WorkQueue
{
    private readonly Channel<ServiceName> _names = Channel.CreateUnbounded<ServiceName>();
    private readonly HashSet<ServiceName> _waiting = [];

    public void Add(ServiceName name)
    {
        lock (_waiting)
        {
            if (!_waiting.Add(name))
                return;
        }

        _ = _names.Writer.TryWrite(name);
    }

    /// <summary>Adds it when a time is over.</summary>
    public async Task AddLaterAsync(ServiceName name, TimeSpan delay, CancellationToken stop)
    {
        await Task.Delay(delay, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Add(name);
    }

    /// <summary>A name that is added from the moment on that it is given comes again.</summary>
    public async IAsyncEnumerable<ServiceName> ReadAllAsync([EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var name in _names.Reader.ReadAllAsync(stop))
        {
            lock (_waiting)
                _ = _waiting.Remove(name);
            yield return name;
        }
    }
}
