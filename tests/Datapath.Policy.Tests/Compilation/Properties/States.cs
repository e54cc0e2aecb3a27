namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Compares states.</summary>
internal static class States
{
    /// <returns>The first difference in words; <see langword="null"/> if there is none.</returns>
    public static string? Difference(
        IReadOnlyDictionary<ServiceName, DesiredService> expected, IReadOnlyDictionary<ServiceName, DesiredService> actual) =>
        Difference(expected, actual, Lines);

    /// <summary>Likewise of the pods.</summary>
    public static string? Difference(IReadOnlyDictionary<PodName, LocalPod> expected, IReadOnlyDictionary<PodName, LocalPod> actual) =>
        Difference(expected, actual, Text.Of);

    private static string? Difference<TName, T>(
        IReadOnlyDictionary<TName, T> expected, IReadOnlyDictionary<TName, T> actual, Func<T, string> describe)
        where TName : notnull where T : class
    {
        foreach (var name in expected.Keys.Concat(actual.Keys).Distinct())
        {
            var (one, two) = (expected.GetValueOrDefault(name), actual.GetValueOrDefault(name));
            if (!Equals(one, two))
                return $"{name}\n  expected: {Describe(one)}\n  but was:  {Describe(two)}";
        }

        return null;

        string Describe(T? item) => item is null ? "nothing" : describe(item);
    }

    private static string Lines(DesiredService service) =>
        string.Concat(service.Frontends.Cast<object>().Concat(service.Ranges).Select(part => $"\n    {Text.Of(part)}"));
}
