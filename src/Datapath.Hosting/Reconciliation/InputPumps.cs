using System.Threading.Channels;

namespace Datapath.Hosting;

/// <summary>Brings what inputs tell to the reconciler, each input on a task of its own.</summary>
/// <param name="steps">Where to.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Ends all of them.</param>
internal sealed class InputPumps(ChannelWriter<ReconcilerInput> steps, TimeProvider time, CancellationToken stop)
{
    private readonly List<(string Name, Task Task)> _pumps = [];

    /// <summary>Starts with an input. If it fails, the channel ends with an error that says by name who did it.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="watch">Follows it.</param>
    /// <param name="take">Takes in what it tells.</param>
    public void Start<T>(string name, Func<CancellationToken, IAsyncEnumerable<T>> watch, Action<ReconcilerInputs, T> take) =>
        _pumps.Add((name, PumpAsync(name, watch, take)));

    /// <summary>Waits for the end of all.</summary>
    /// <param name="longest">How long at most.</param>
    /// <returns>The names of those that have not ended.</returns>
    public async Task<IEnumerable<string>> EndAsync(TimeSpan longest)
    {
        try
        {
            await Task.WhenAll(_pumps.Select(static pump => pump.Task)).WaitAsync(longest, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // whoever it was is told
        }

        return _pumps.Where(static pump => !pump.Task.IsCompleted).Select(static pump => pump.Name);
    }

    private async Task PumpAsync<T>(string name, Func<CancellationToken, IAsyncEnumerable<T>> watch, Action<ReconcilerInputs, T> take)
    {
        try
        {
            await foreach (var news in watch(stop).ConfigureAwait(false))
                await steps.WriteAsync(new(inputs => take(inputs, news), time.GetTimestamp()), stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the host stops
        }
        catch (Exception e)
        {
            // An input that ends has said all it will ever say; one that fails ends the service.
            _ = steps.TryComplete(new InvalidOperationException($"{name} gave up: {e.Message}", e));
        }
    }
}
