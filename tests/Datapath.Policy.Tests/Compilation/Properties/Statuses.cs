namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What must be true of statuses.</summary>
internal static class Statuses
{
    /// <summary>Takes new statuses in and forgets those of objects that are gone. An object that was deleted and is back may have the same as before.</summary>
    /// <returns>What is wrong with them, if something is.</returns>
    public static string? Add(
        Dictionary<ObjectKey, ObjectStatus> statuses, IReadOnlyCollection<ObjectStatus> changes, IReadOnlyCollection<ObjectKey> objects,
        IReadOnlyCollection<ObjectKey> deleted)
    {
        if (changes.Count > changes.Select(status => status.Object).Distinct().Count())
            return $"an object has two new statuses: {string.Join("; ", changes)}";
        foreach (var status in changes)
        {
            if (statuses.TryGetValue(status.Object, out var before) && before == status && !deleted.Contains(status.Object))
                return $"the status did not change: {status}";
            statuses[status.Object] = status;
        }

        foreach (var key in statuses.Keys.Except(objects).ToList())
            statuses.Remove(key);
        return objects.Except(statuses.Keys).Select(key => $"{key} has no status").FirstOrDefault();
    }

    public static string? Difference(Dictionary<ObjectKey, ObjectCondition> expected, Dictionary<ObjectKey, ObjectStatus> actual) =>
        expected.Where(pair => actual[pair.Key].Condition != pair.Value)
            .Select(pair => $"expected {pair.Value}, but was: {actual[pair.Key]}").FirstOrDefault();

    public static string? Difference(Dictionary<ObjectKey, ObjectStatus> expected, PolicyCompiler actual)
    {
        var all = actual.Statuses.ToDictionary(status => status.Object);
        return expected.Keys.Concat(all.Keys).Where(key => expected.GetValueOrDefault(key) != all.GetValueOrDefault(key))
            .Select(key => $"{key}: the last that was said is '{expected.GetValueOrDefault(key)}', but now it is '{all.GetValueOrDefault(key)}'")
            .FirstOrDefault()
            ?? all.Values.Where(status => !actual.TryGetStatus(status.Object, out var found) || found != status)
                .Select(status => $"{status.Object} is not found").FirstOrDefault();
    }
}
