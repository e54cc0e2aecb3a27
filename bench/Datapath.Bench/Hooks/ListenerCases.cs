using System.Globalization;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>The rows of part A that tell what a listener costs: nothing before and after, and something meanwhile.</summary>
internal static class ListenerCases
{
    /// <summary>Room for all dials of a measurement: one that finds none costs less.</summary>
    public const int RingSize = 1 << 22;

    private const string Hit = "connect4 hit, hot";

    /// <summary>The rows for a load that hits a service.</summary>
    public static IEnumerable<HookCase> Of(int times, Func<Load> make) =>
    [
        new($"{Hit}, after a listener", "connect4", times, make) { Listener = ListenerState.Gone },
        new($"{Hit}, with a listener", "connect4", times, make) { Listener = ListenerState.Listening },
    ];

    /// <summary>Brings a datapath into the state that a row asks for; other variants have no listeners.</summary>
    /// <returns>What ends the state; nothing if there is nothing to end.</returns>
    public static IDisposable? Enter(ListenerState state, IVariant variant)
    {
        if (state is ListenerState.None || variant is not DatapathVariant datapath)
            return null;
        var listener = new Listener(datapath.Datapath);
        if (state is ListenerState.Listening)
            return listener;
        listener.Dispose();
        return null;
    }

    /// <summary>How the rows compare with the same load that nobody listened to.</summary>
    public static string Note(Dictionary<HookCase, HookResult> results)
    {
        double Of(ListenerState state) => results.Single(r => r.Key.Listener == state && !r.Key.IsMany && r.Key.Name.StartsWith(Hit, StringComparison.Ordinal)).Value.Datapath.Median;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"A listener that came and went: {Of(ListenerState.Gone) / Of(ListenerState.None):0.00} times the cost of a hit (target: the same); one that listens: {Of(ListenerState.Listening) - Of(ListenerState.None):0} ns more.");
    }
}
