namespace Datapath.Policy.Tests.Conformance;

/// <summary>All objects of all cases are read, whatever the compiler makes of them; invalid ones get the error that is expected.</summary>
internal sealed class ReadingTests
{
    private const string Policy = "CiliumLocalRedirectPolicy";

    /// <summary>The invalid objects that cases contain on purpose.</summary>
    private static readonly Dictionary<string, string[]> s_invalid = new()
    {
        ["address-malformed"] = [Policy + " lrp-addr: metadata.namespace: is required"],
        ["service-matcher-single-port-fallback"] =
        [
            Policy + " test/lrp-udp: spec.redirectFrontend.serviceMatcher.toPorts[0].protocol: 'UDP' must be that of "
                + "spec.redirectBackend.toPorts[0], which is TCP",
        ],
    };

    [Test]
    public void All_objects_of_all_cases_are_read()
    {
        var counts = new Dictionary<ObjectKind, int>();
        foreach (var step in CaseFolders.All)
        {
            var content = ManifestReader.Read(step.Objects, step.Name);
            var errors = content.Diagnostics.Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error)
                .Select(diagnostic => (diagnostic with { File = "", Line = 0 }).ToString());
            Assert.That(errors, Is.SubsetOf(s_invalid.GetValueOrDefault(step.Test, [])), step.Name);
            foreach (var item in content.Objects)
                counts[item.Kind] = counts.GetValueOrDefault(item.Kind) + 1;
        }

        foreach (var (kind, count) in counts)
            TestContext.Out.WriteLine($"{count,4} {kind}");
        Assert.That(counts.GetValueOrDefault(ObjectKind.Service), Is.Positive);
        Assert.That(counts.GetValueOrDefault(ObjectKind.EndpointSlice), Is.Positive);
        if (CaseFolders.All.Any(step => step.Suite.StartsWith("lrp-", StringComparison.Ordinal)))
        {
            Assert.That(counts.GetValueOrDefault(ObjectKind.Pod), Is.Positive);
            Assert.That(counts.GetValueOrDefault(ObjectKind.CiliumLocalRedirectPolicy), Is.Positive);
        }
    }

    [Test]
    public void Invalid_objects_of_cases_are_refused_with_the_expected_reason()
    {
        foreach (var (test, expected) in s_invalid)
        {
            var steps = CaseFolders.All.Where(step => step.Test == test && step.Suite.StartsWith("lrp-", StringComparison.Ordinal)).ToList();
            if (steps.Count == 0)
                continue;
            var errors = steps.SelectMany(step => ManifestReader.Read(step.Objects, "").Diagnostics)
                .Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error)
                .Select(diagnostic => (diagnostic with { Line = 0 }).ToString()).Distinct();
            Assert.That(errors, Is.EquivalentTo(expected), test);
        }
    }
}
