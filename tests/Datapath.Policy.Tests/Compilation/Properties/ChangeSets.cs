namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What must be true of every change set.</summary>
internal static class ChangeSets
{
    /// <summary>Applies it to a state.</summary>
    /// <returns>What is wrong with it, if something is: it says what is not new, or says it twice.</returns>
    public static string? Add(Dictionary<ServiceName, DesiredService> state, ChangeSet changes)
    {
        var names = changes.Upserted.Select(service => service.Name).Concat(changes.Removed).ToList();
        if (names.Count > names.Distinct().Count())
            return "a service is in the change set more than once";
        foreach (var name in changes.Removed)
        {
            if (!state.Remove(name))
                return $"{name} is removed but was not there";
        }

        foreach (var service in changes.Upserted)
        {
            if (state.TryGetValue(service.Name, out var before) && before.Equals(service))
                return $"{service.Name} is in the change set but did not change";
            state[service.Name] = service;
        }

        return null;
    }
}
