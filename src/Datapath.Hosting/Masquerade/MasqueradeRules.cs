using System.Runtime.CompilerServices;
using Datapath.Policy;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>The configuration of masquerading, which begins as the options have it and which the program may change. Safe from any thread.</summary>
internal sealed class MasqueradeRules(IOptions<DatapathOptions> options)
{
    private readonly Lock _gate = new();
    private readonly NewsSignal _news = new();
    private MasqueradeConfiguration? _current;
    private long _revision;

    /// <summary>Whether the host masquerades.</summary>
    public bool IsEnabled => options.Value.Masquerade.Enabled;

    /// <summary>Changes it.</summary>
    /// <param name="change">Gives the changed configuration.</param>
    /// <returns>The revision that has the change.</returns>
    public long Change(Func<MasqueradeConfiguration, MasqueradeConfiguration> change)
    {
        lock (_gate)
        {
            _current = change(_current ?? options.Value.Masquerade.ToConfiguration());
            _revision++;
            _news.Set();
            return _revision;
        }
    }

    /// <summary>Tells of changes, to one reader.</summary>
    public async IAsyncEnumerable<(MasqueradeConfiguration Configuration, long Revision)> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await _news.WaitAsync(cancellationToken).ConfigureAwait(false);
            (MasqueradeConfiguration, long) news;
            lock (_gate)
                news = (_current!, _revision);
            yield return news;
        }
    }
}
