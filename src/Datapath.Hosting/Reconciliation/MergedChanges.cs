using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>Makes one change set of several: for the engine they are one step, with the last word on each service and pod.</summary>
internal static class MergedChanges
{
    /// <summary>The change set of several that lead to a state.</summary>
    /// <param name="steps">The steps, in order.</param>
    /// <param name="again">Services that are to be told whether or not they changed.</param>
    /// <param name="podsAgain">Pods likewise.</param>
    /// <param name="state">The state after the last step.</param>
    public static ChangeSet Of(IReadOnlyList<ChangeSet> steps, IEnumerable<ServiceName> again, IEnumerable<PodName> podsAgain, DesiredState state)
    {
        var services = steps.SelectMany(static step => step.Upserted.Select(static service => service.Name).Concat(step.Removed)).Concat(again);
        var pods = steps.SelectMany(static step => step.Pods.Select(static pod => pod.Name).Concat(step.RemovedPods)).Concat(podsAgain);
        var (upserted, removed) = LastWords(services, state.Services);
        var (told, gone) = LastWords(pods, state.Pods);
        return new(upserted, removed) { Pods = told, RemovedPods = gone };
    }

    /// <summary>All of a state, which removes nothing that is not in it.</summary>
    public static ChangeSet Everything(DesiredState state) => new([.. state.Services.Values], []) { Pods = [.. state.Pods.Values] };

    private static (ImmutableArray<T> Upserted, ImmutableArray<TName> Removed) LastWords<TName, T>(
        IEnumerable<TName> touched, ImmutableDictionary<TName, T> state) where TName : notnull
    {
        var upserted = ImmutableArray.CreateBuilder<T>();
        var removed = ImmutableArray.CreateBuilder<TName>();
        foreach (var name in touched.Distinct())
        {
            if (state.TryGetValue(name, out var item))
                upserted.Add(item);
            else
                removed.Add(name);
        }

        return (upserted.DrainToImmutable(), removed.DrainToImmutable());
    }
}
