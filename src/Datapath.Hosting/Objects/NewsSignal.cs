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
}
