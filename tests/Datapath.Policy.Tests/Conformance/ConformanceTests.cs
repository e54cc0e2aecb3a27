using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>
/// Runs conformance cases: those of this project and, if the environment variable DATAPATH_CONFORMANCE names a folder, those in it, each
/// step by itself and all steps of a test one after the other.
/// </summary>
internal sealed class ConformanceTests
{
    public static IEnumerable<TestCaseData> Steps =>
        CaseFolders.All.Select(static step => new TestCaseData(step).SetName($"Step_{step.Name}_gives_the_expected_tables"));

    public static IEnumerable<TestCaseData> Walks => CaseFolders.All.GroupBy(static step => (step.Suite, step.Test))
        .SelectMany(static steps => new[] { Walk(steps, false, "Walk"), Walk(steps, true, "Walk_with_reversed_events") });

    [TestCaseSource(nameof(Steps))]
    public void Step_compiled_from_scratch_gives_the_expected_tables(object data)
    {
        var step = (ConformanceCase)data;
        AssertNothingUnexplained(step, CaseReplay.Scratch(step));
    }

    [TestCaseSource(nameof(Walks))]
    public void Walk_from_step_to_step_gives_the_expected_tables(object data, bool isReversed)
    {
        var replay = new CaseReplay(isReversed);
        foreach (var step in (List<ConformanceCase>)data)
            AssertNothingUnexplained(step, replay.Next(step));
    }

    [Test]
    public void Cases_are_given()
    {
        if (CaseFolders.GivenFolder is null)
            Assert.Ignore($"no data was given: {CaseFolders.Variable} names no folder, only this project's own cases ran");
        Assert.That(CaseFolders.GivenFolder, Does.Exist, $"the folder that {CaseFolders.Variable} names");
        Assert.That(CaseFolders.Given, Is.Not.Empty, $"cases in {CaseFolders.GivenFolder}");
    }

    [Test]
    public void Every_listed_difference_is_still_there()
    {
        var suites = CaseFolders.Given.Select(static step => step.Suite).ToHashSet();
        var due = CaseFolders.Differences.Where(difference => suites.Contains(difference.Case.Split('/')[0])).ToList();
        foreach (var step in CaseFolders.Given.Where(step => due.Any(difference => difference.Case == step.Name)))
        {
            var mismatches = TableComparison.Compare(step.Expected, CaseReplay.Scratch(step));
            _ = due.RemoveAll(difference => mismatches.Any(mismatch => difference.Explains(step, mismatch)));
        }

        Assert.That(due, Is.Empty, "differences that are listed and no longer occur");
    }

    private static TestCaseData Walk(IGrouping<(string Suite, string Test), ConformanceCase> steps, bool isReversed, string name) =>
        new TestCaseData(steps.ToList(), isReversed).SetName($"{name}_{steps.Key.Suite}/{steps.Key.Test}_gives_the_expected_tables");

    private static void AssertNothingUnexplained(ConformanceCase step, JsonElement tables)
    {
        var unexplained = TableComparison.Compare(step.Expected, tables)
            .Where(mismatch => !CaseFolders.Given.Contains(step) || !CaseFolders.Differences.Any(difference => difference.Explains(step, mismatch)));
        Assert.That(string.Join(Environment.NewLine, unexplained), Is.Empty, step.Name); // all of them, where a list would be cut off
    }
}
