namespace Datapath.Policy.Tests.Conformance;

/// <summary>The comparison finds every mistake that is made in the expected tables of this project's own cases.</summary>
internal sealed class MutationTests
{
    /// <summary>All tables that cases may assert, and the checks of parts of them that a mistake can break.</summary>
    private static readonly string[] s_tables =
    [
        "frontends", "backends", "services", "localRedirectPolicies", "clusterLocalRedirectPolicies", "ranges", "skipLb", "skipLbMap", "objects",
        "backendWeights", "maps.frontends", "maps.wildcards", "maps.backends", "frontendsContain", "mapsContain",
    ];

    public static IEnumerable<TestCaseData> Steps =>
        CaseFolders.Own.Select(static step => new TestCaseData(step).SetName($"Mistakes_in_{step.Name}_are_found"));

    [TestCaseSource(nameof(Steps))]
    public void Every_mistake_in_a_case_is_found(object data)
    {
        var step = (ConformanceCase)data;
        var tables = CaseReplay.Scratch(step);
        Assert.That(TableComparison.Compare(step.Expected, tables), Is.Empty, "without a mistake");
        var overlooked = Mutation.AllOf(step.Expected).Where(mutation => TableComparison.Compare(mutation.Expected, tables).Count == 0);
        Assert.That(overlooked.Select(static mutation => mutation.Name), Is.Empty);
    }

    [Test]
    public void Mistakes_are_made_in_every_table_and_of_every_sort()
    {
        var mutations = CaseFolders.Own.SelectMany(static step => Mutation.AllOf(step.Expected)).ToList();
        Assert.That(mutations.Select(static mutation => mutation.Table).Distinct(), Is.SupersetOf(s_tables));
        Assert.That(mutations.Select(static mutation => mutation.Name), Has.Some.Matches("maps/frontends/.*/backends is turned round"));
        Assert.That(mutations.Select(static mutation => mutation.Name), Has.Some.Matches("maps/frontends/.*/maglev/.* is [0-9]+$"));
        Assert.That(mutations.Select(static mutation => mutation.Name), Has.Some.Matches("frontends/[0-9]+ is missing"));
        Assert.That(mutations.Select(static mutation => mutation.Name), Has.Some.Matches("frontends has one row more"));
    }
}
