using System.Xml.Linq;

namespace Datapath.Architecture.Tests;

/// <summary>Which project may lean on which. Policy and Linux never meet: they share only the contracts.</summary>
[TestFixture]
internal sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> s_projects = new()
    {
        ["Datapath.Abstractions"] = [],
        ["Datapath.BpfObjects"] = [],
        ["Datapath.Policy"] = ["Datapath.Abstractions"],
        ["Datapath.Linux"] = ["Datapath.Abstractions", "Datapath.BpfObjects"],
        ["Datapath.Hosting"] = ["Datapath.Linux", "Datapath.Policy"],
    };

    private static readonly Dictionary<string, string[]> s_packages = new()
    {
        ["Datapath.Abstractions"] = [],
        ["Datapath.BpfObjects"] = [],
        ["Datapath.Policy"] = ["YamlDotNet"],
        ["Datapath.Linux"] = ["Microsoft.Extensions.Logging.Abstractions"],
        ["Datapath.Hosting"] =
        [
            "Microsoft.Extensions.Diagnostics",
            "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging",
            "Microsoft.Extensions.Options",
        ],
    };

    [Test]
    public void Every_project_below_src_is_known() => Assert.That(
        Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName), Is.EquivalentTo(s_projects.Keys));

    [TestCaseSource(nameof(Projects))]
    public void Projects_reference_only_what_is_allowed(string project) => Assert.That(
        References(project, "ProjectReference").Select(static r => Path.GetFileNameWithoutExtension(r)), Is.SubsetOf(s_projects[project]));

    [TestCaseSource(nameof(Projects))]
    public void Packages_are_the_ones_that_were_argued_for(string project) =>
        Assert.That(References(project, "PackageReference"), Is.EquivalentTo(s_packages[project]));

    private static string[] Projects() => [.. s_projects.Keys];

    private static IEnumerable<string> References(string project, string kind) => XDocument
        .Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"))
        .Descendants(kind)
        .Select(static e => e.Attribute("Include")!.Value);
}
