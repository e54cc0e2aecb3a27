namespace Datapath.Policy.Tests.Conformance;

/// <summary>Where cases are: those of this project, and those of a folder that somebody names.</summary>
internal static class CaseFolders
{
    /// <summary>A folder of more cases, in addition to those of this project.</summary>
    public const string Variable = "DATAPATH_CONFORMANCE";

    private static readonly string s_base = Path.Combine(AppContext.BaseDirectory, "Conformance");

    public static IReadOnlyList<ConformanceCase> Own { get; } = [.. ConformanceCase.ReadAll(Path.Combine(s_base, "cases"))];

    /// <summary>The folder that is named; <see langword="null"/> if none is.</summary>
    public static string? GivenFolder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    public static IReadOnlyList<ConformanceCase> Given { get; } = Directory.Exists(GivenFolder) ? [.. ConformanceCase.ReadAll(GivenFolder)] : [];

    public static IEnumerable<ConformanceCase> All => Own.Concat(Given);

    /// <summary>Where the given cases and this project differ on purpose.</summary>
    public static IReadOnlyList<Difference> Differences { get; } = Difference.ReadAll(Path.Combine(s_base, "differences.json"));
}
