using Datapath.Agent.Output;

namespace Datapath.Agent.Commands;

/// <summary>Prints events as they come, a line each, until somebody has seen enough.</summary>
internal static class EventLines
{
    /// <summary>Prints them.</summary>
    /// <param name="read">The events.</param>
    /// <param name="lineOf">The line of one; <see langword="null"/>: it is not shown.</param>
    /// <param name="losses">What is told of those that were lost.</param>
    /// <param name="count">How many to show.</param>
    /// <param name="stop">Ends it, and is cancelled when nobody takes the lines any more.</param>
    /// <returns>How many were shown.</returns>
    public static async Task<int> ShowAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> read, Func<T, Task<string?>> lineOf, LossReport losses, int count, CancellationTokenSource stop)
    {
        var shown = 0;
        using var output = new LineOutput();
        try
        {
            await using var events = read(stop.Token).GetAsyncEnumerator(CancellationToken.None);
            while (!output.IsClosed && shown < count)
            {
                var next = events.MoveNextAsync();
                if (!next.IsCompleted)
                    output.Flush(); // before the wait, not for each event: a burst is written in large pieces
                if (output.IsClosed)
                    await stop.CancelAsync().ConfigureAwait(false);
                if (!await next.ConfigureAwait(false))
                    break;
                losses.Tell();
                if (await lineOf(events.Current).ConfigureAwait(false) is not { } line)
                    continue;
                output.WriteLine(line);
                shown++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // somebody has seen enough
        }

        return shown;
    }
}
