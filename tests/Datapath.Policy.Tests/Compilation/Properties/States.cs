namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Compares states.</summary>
internal static class States
{
    /// <returns>The first difference in words; <see langword="null"/> if there is none.</returns>
    public static string? Difference(
        IReadOnlyDictionary<ServiceName, DesiredService> expected, IReadOnlyDictionary<ServiceName, DesiredService> actual)
    {
        foreach (var name in expected.Keys.Concat(actual.Keys).Distinct())
        {
            var (one, two) = (expected.GetValueOrDefault(name), actual.GetValueOrDefault(name));
            if (!Equals(one, two))
                return $"{name}\n  expected: {Lines(one)}\n  but was:  {Lines(two)}";
        }

        return null;
    }

    private static string Lines(DesiredService? service) => service is null
        ? "nothing"
        : string.Concat(service.Frontends.Cast<object>().Concat(service.Ranges).Select(part => $"\n    {Text.Of(part)}"));
}
