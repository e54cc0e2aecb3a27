using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Takes events to where they belong: drops to warnings, mappings to their log, which is written whenever nothing more has come.</summary>
internal sealed class MasqueradeEventPump(MasqueradeEventFeed feed, DropWarnings? warnings, MappingLogWriter? log, TimeProvider time)
{
    /// <summary>How often it is looked after the log, whatever comes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _lost;
    private Task _tick = Task.CompletedTask;

    /// <summary>Runs until the feed ends, or is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var events = feed.ReadAll(cancellationToken).GetAsyncEnumerator(CancellationToken.None);
        _tick = NextTick(cancellationToken);
        while (await MoveNextAsync(events, cancellationToken).ConfigureAwait(false))
        {
            if (events.Current is MasqueradePacketEvent packet)
                warnings?.Take(packet);
            else
                log?.Write(events.Current);
        }
    }

    /// <summary>Notes what was lost, and writes what waits.</summary>
    public void LookAfter()
    {
        if (log is null)
            return;
        var lost = feed.Lost();
        if (lost > _lost)
            log.WriteLost(lost - _lost);
        _lost = lost;
        log.LookAfter();
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<MasqueradeEvent> events, CancellationToken cancellationToken)
    {
        var next = events.MoveNextAsync();
        if (_tick.IsCompletedSuccessfully)
            Tick(cancellationToken);
        if (next.IsCompleted)
            return await next.ConfigureAwait(false);
        log?.Flush();
        var waiting = next.AsTask();
        while (await Task.WhenAny(waiting, _tick).ConfigureAwait(false) == _tick && _tick.IsCompletedSuccessfully)
            Tick(cancellationToken);
        return await waiting.ConfigureAwait(false);
    }

    private void Tick(CancellationToken cancellationToken)
    {
        LookAfter();
        _tick = NextTick(cancellationToken);
    }

    private Task NextTick(CancellationToken cancellationToken) => Task.Delay(Interval, time, cancellationToken);
}
