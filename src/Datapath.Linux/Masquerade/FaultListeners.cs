using System.Collections.Immutable;

namespace Datapath.Linux.Masquerade;

/// <summary>Those who want to hear at once that an engine has other faults than before. Safe from any thread.</summary>
/// <param name="find">What the engine knows of them; asks the kernel nothing.</param>
internal sealed class FaultListeners(Func<ImmutableArray<string>> find)
{
    private readonly Lock _gate = new();
    private ImmutableArray<Subscription> _subscriptions = [];
    private ImmutableArray<string> _told = [];

    /// <summary>Adds one.</summary>
    /// <returns>Ends it.</returns>
    public IDisposable Add(Action changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var subscription = new Subscription(this, changed);
        lock (_gate)
            _subscriptions = _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Tells them if there is anything new since the last call. Call it without the engine's lock: they ask the engine.</summary>
    public void TellIfNew()
    {
        var now = find();
        ImmutableArray<Subscription> listeners;
        lock (_gate)
        {
            if (now.AsSpan().SequenceEqual(_told.AsSpan()))
                return;
            (_told, listeners) = (now, _subscriptions);
        }

        foreach (var listener in listeners)
            listener.Changed();
    }

    private sealed class Subscription(FaultListeners among, Action changed) : IDisposable
    {
        public Action Changed { get; } = changed;

        public void Dispose()
        {
            lock (among._gate)
                among._subscriptions = among._subscriptions.Remove(this);
        }
    }
}
