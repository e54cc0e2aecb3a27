namespace Datapath.Hosting;

/// <summary>How the following of a kind stands, written by who follows and read by who looks.</summary>
internal sealed class KindProgress(TimeSpan staleAfter, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _began = time.GetUtcNow();
    private KubernetesKindState _state;
    private DateTimeOffset? _lastContact;
    private string? _problem;
    private int _objects;

    /// <summary>How it stands now.</summary>
    public KubernetesWatchStatus Current
    {
        get
        {
            lock (_gate)
            {
                // While a watch is open its connection is known to be alive, however silent it is.
                var isInTouch = _state is KubernetesKindState.Watching or KubernetesKindState.NotInstalled && _problem is null;
                return new(_state, _objects)
                {
                    LastContact = _lastContact,
                    Problem = _problem,
                    IsStale = !isInTouch && time.GetUtcNow() - (_lastContact ?? _began) >= staleAfter,
                };
            }
        }
    }

    /// <summary>The server told something.</summary>
    public void Contact(int objects)
    {
        lock (_gate)
            (_lastContact, _objects) = (time.GetUtcNow(), objects);
    }

    /// <summary>Notes a state, and the problem with it if there is one.</summary>
    /// <returns>Whether either is another than before.</returns>
    public bool Become(KubernetesKindState state, string? problem = null)
    {
        lock (_gate)
        {
            if (state is KubernetesKindState.Interrupted && _state is KubernetesKindState.Listing)
                state = KubernetesKindState.Listing; // there is nothing yet that was interrupted
            if (_state == state && _problem == problem)
                return false;
            (_state, _problem) = (state, problem);
            return true;
        }
    }
}
