using System.Threading.Channels;

namespace Datapath.Hosting;

/// <summary>
/// For how long the oldest change has waited that is not in force: one that nobody has taken yet, one of the step that runs, one that the engine refused and
/// will be given again. Until the first sync the sources' initial lists are waited for. Safe from any thread.
/// </summary>
/// <param name="inputs">What nobody has taken yet, the oldest first.</param>
/// <param name="time">The clock.</param>
internal sealed class ReconcileLag(ChannelReader<ReconcilerInput> inputs, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _since = time.GetTimestamp();

    /// <summary>The lag now; zero if nothing waits.</summary>
    public TimeSpan Current
    {
        get
        {
            lock (_gate)
                return (_since ?? Oldest) is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    private long? Oldest => inputs.TryPeek(out var oldest) ? oldest.ToldAt : null;

    /// <summary>Before what waits is taken.</summary>
    public void Begin()
    {
        lock (_gate)
            _since ??= Oldest;
    }

    /// <summary>After a step.</summary>
    /// <param name="isComplete">Whether all that was taken is in force, or needs another change first.</param>
    public void End(bool isComplete)
    {
        lock (_gate)
            _since = isComplete ? null : _since ?? time.GetTimestamp();
    }
}
