using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Takes events to where they belong: drops to warnings, mappings to their log, which is written whenever nothing more has come.</summary>
internal sealed class MasqueradeEventPump(MasqueradeEventFeed feed, DropWarnings? warnings, MappingLogWriter? log, TimeProvider time)
{
    /// <summary>How often it is looked after the log, whatever comes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _lost;
    private int _gaps;
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

    /// <summary>Notes what was lost at last, and that the log ends.</summary>
    public void Finish()
    {
        if (log is null)
            return;
        NoteLosses(log);
        log.WriteClosed();
        log.LookAfter();
    }

    /// <summary>Notes the flows that there are; of those that begin meanwhile there may be two lines.</summary>
    /// <param name="log">The log.</param>
    /// <param name="from">Only those that began then or later.</param>
    public void NoteFlows(MappingLogWriter log, DateTimeOffset from)
    {
        var flows = feed.Flows();
        var now = time.GetUtcNow(); // after they were read, so that none seems to have begun too early
        foreach (var flow in flows.Where(flow => !flow.IsMapping && now - flow.Age >= from))
            log.WriteFound(flow);
    }

    private void LookAfter()
    {
        if (log is null)
            return;
        NoteLosses(log);
        log.LookAfter();
    }

    private void NoteLosses(MappingLogWriter log)
    {
        var lost = feed.Lost();
        if (lost > _lost)
            log.WriteLost(lost - _lost);
        _lost = lost;
        var gaps = feed.Gaps();
        foreach (var gap in gaps.AsSpan()[_gaps..])
        {
            log.WriteGap(gap);
            NoteFlows(log, gap.From);
        }

        _gaps = gaps.Length;
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
