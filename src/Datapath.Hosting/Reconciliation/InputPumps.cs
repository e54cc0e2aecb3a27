using System.Threading.Channels;

namespace Datapath.Hosting;

/// <summary>Brings what inputs tell to the reconciler, each input on a task of its own.</summary>
/// <param name="steps">Where to.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Ends all of them.</param>
internal sealed class InputPumps(ChannelWriter<ReconcilerInput> steps, TimeProvider time, CancellationToken stop)
{
    private readonly List<(string Name, Task Task)> _pumps = [];

    /// <summary>Starts with an input of this library's own. If it fails, the channel ends with an error that says by name who did it.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="watch">Follows it. Does not block; what it tells at once comes before what is started later.</param>
    /// <param name="take">Takes in what it tells.</param>
    public void Start<T>(string name, Func<CancellationToken, IAsyncEnumerable<T>> watch, Action<ReconcilerInputs, T> take) =>
        _pumps.Add((name, PumpAsync(name, watch, take, static _ => null, hasInitialList: false)));

    /// <summary>Starts with an input that somebody else wrote: on a thread of its own, which it may block without a harm to others.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="watch">Follows it.</param>
    /// <param name="take">Takes in what it tells.</param>
    /// <param name="flawOf">What is wrong with something that it told, so that it cannot be taken in; <see langword="null"/>: nothing.</param>
    /// <param name="hasInitialList">Whether others wait for the first that it tells. Then its end before that is an error, too.</param>
    public void StartApart<T>(string name, Func<CancellationToken, IAsyncEnumerable<T>> watch, Action<ReconcilerInputs, T> take, Func<T, string?> flawOf, bool hasInitialList) => _pumps.Add(
        (name, Task.Factory.StartNew(() => PumpAsync(name, watch, take, flawOf, hasInitialList), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

    /// <summary>Waits for the end of all.</summary>
    /// <param name="longest">How long at most.</param>
    /// <param name="hurry">Ends the wait before that.</param>
    /// <returns>The names of those that have not ended.</returns>
    public async Task<IEnumerable<string>> EndAsync(TimeSpan longest, CancellationToken hurry)
    {
        try
        {
            await Task.WhenAll(_pumps.Select(static pump => pump.Task)).WaitAsync(longest, time, hurry).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // whoever it was is told
        }

        return _pumps.Where(static pump => !pump.Task.IsCompleted).Select(static pump => pump.Name);
    }

    private async Task PumpAsync<T>(string name, Func<CancellationToken, IAsyncEnumerable<T>?> watch, Action<ReconcilerInputs, T> take, Func<T, string?> flawOf, bool hasInitialList)
    {
        try
        {
            var isAwaited = hasInitialList;
            await foreach (var news in (watch(stop) ?? throw new InvalidDataException("its WatchAsync gave null where a stream must be")).ConfigureAwait(false))
            {
                if (flawOf(news) is { } flaw)
                    throw new InvalidDataException($"it told what cannot be taken in: {flaw}");
                isAwaited = false;
                await steps.WriteAsync(new(inputs => take(inputs, news), time.GetTimestamp()), stop).ConfigureAwait(false);
            }

            if (isAwaited && !stop.IsCancellationRequested)
                _ = steps.TryComplete(new InvalidOperationException($"{name} ended without its initial list"));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the host stops
        }
        catch (Exception e)
        {
            // An input that ends after its first news has said all it will ever say; one that fails ends the service.
            _ = steps.TryComplete(new InvalidOperationException($"{name} gave up: {e.Message}", e));
        }
    }
}
