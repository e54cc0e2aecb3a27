namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What must be true of every change set.</summary>
internal static class ChangeSets
{
    /// <summary>Applies it to a state.</summary>
    /// <returns>What is wrong with it, if something is: it says what is not new, or says it twice.</returns>
    public static string? Add(Dictionary<ServiceName, DesiredService> services, Dictionary<PodName, LocalPod> pods, ChangeSet changes) =>
        Add(services, changes.Upserted, static service => service.Name, changes.Removed) ?? Add(pods, changes.Pods, static pod => pod.Name, changes.RemovedPods);

    private static string? Add<TName, T>(Dictionary<TName, T> state, IReadOnlyCollection<T> upserted, Func<T, TName> nameOf, IReadOnlyCollection<TName> removed)
        where TName : notnull where T : class
    {
        var names = upserted.Select(nameOf).Concat(removed).ToList();
        if (names.Count > names.Distinct().Count())
            return $"a {typeof(T).Name} is in the change set more than once";
        foreach (var name in removed)
        {
            if (!state.Remove(name))
                return $"{name} is removed but was not there";
        }

        foreach (var item in upserted)
        {
            if (state.TryGetValue(nameOf(item), out var before) && before.Equals(item))
                return $"{nameOf(item)} is in the change set but did not change";
            state[nameOf(item)] = item;
        }

        return null;
    }
}
