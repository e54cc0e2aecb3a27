namespace Datapath.Policy.Tests.Conformance;

/// <summary>
/// Runs conformance cases: those of this project and, if the environment variable DATAPATH_CONFORMANCE names a folder, those in it. Layout:
/// <c>suite/test/step/{objects.yaml,config.json,expected.json}</c>.
/// </summary>
internal sealed class ConformanceTests
{
    public static IEnumerable<TestCaseData> Steps =>
        ConformanceCase.All.Where(step => ConformanceScope.ReasonAgainst(step) is null)
            .Select(step => new TestCaseData(step).SetName($"Step_{step.Name}_gives_the_expected_tables"));

    public static IEnumerable<TestCaseData> Walks =>
        ConformanceCase.All.GroupBy(step => (step.Suite, step.Test))
            .Where(steps => steps.Any(step => ConformanceScope.ReasonAgainst(step) is null))
            .Select(steps => new TestCaseData(steps.ToList()).SetName($"Walk_{steps.Key.Suite}/{steps.Key.Test}_gives_the_expected_tables"));

    [TestCaseSource(nameof(Steps))]
    public void Step_compiled_from_scratch_gives_the_expected_tables(object data)
    {
        var step = (ConformanceCase)data;
        var compiler = new PolicyCompiler(step.Node);
        compiler.Apply(ObjectBatch.Upsert([.. Read(step).Values]));
        ExpectedTables.Compare(step, compiler.State);
    }

    [TestCaseSource(nameof(Walks))]
    public void Walk_from_step_to_step_gives_the_expected_tables(object data)
    {
        var steps = (List<ConformanceCase>)data;
        var compiler = new PolicyCompiler(steps[0].Node);
        var before = new Dictionary<ObjectKey, KubernetesObject>();
        foreach (var step in steps)
        {
            var objects = Read(step);
            compiler.Apply(step.Node);
            compiler.Apply(new ObjectBatch(
                [.. objects.Where(item => !item.Value.Equals(before.GetValueOrDefault(item.Key))).Select(item => item.Value)],
                [.. before.Keys.Except(objects.Keys)], []));
            if (ConformanceScope.ReasonAgainst(step) is null)
                ExpectedTables.Compare(step, compiler.State);
            before = objects;
        }
    }

    [Test]
    public void Every_case_is_measured_or_has_a_reason_not_to_be()
    {
        var byReason = ConformanceCase.All.CountBy(step => ConformanceScope.ReasonAgainst(step) ?? "measured").ToList();
        foreach (var (reason, count) in byReason)
            TestContext.Out.WriteLine($"{count,4} {reason}");
        Assert.That(byReason.Single(pair => pair.Key == "measured").Value, Is.GreaterThanOrEqualTo(5));
    }

    private static Dictionary<ObjectKey, KubernetesObject> Read(ConformanceCase step)
    {
        var content = ManifestReader.Read(step.Objects, step.Name + "/objects.yaml");
        Assert.That(content.Diagnostics.Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error), Is.Empty);
        return content.Objects.ToDictionary(item => item.Key);
    }
}
