using System.Threading.Channels;

namespace Datapath.Hosting;

/// <summary>Wakes one who waits for news, however often there is some.</summary>
internal sealed class NewsSignal
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Says that there is news.</summary>
    public void Set() => _news.Writer.TryWrite(true);

    /// <summary>Waits until there is some.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => _ = await _news.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until there is some, or the time is up.</summary>
    /// <returns>Whether there was some, before the time was up.</returns>
    public async Task<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, longest, Timeout.InfiniteTimeSpan);
        try
        {
            await WaitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
