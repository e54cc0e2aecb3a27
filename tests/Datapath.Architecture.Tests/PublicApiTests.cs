using System.Reflection;

namespace Datapath.Architecture.Tests;

/// <summary>
/// The public API of each package is a reviewed file. To accept a change, run the tests with DATAPATH_ACCEPT_API=1 and read the diff.
/// </summary>
[TestFixture]
internal sealed class PublicApiTests
{
    /// <summary>Those below which there are others first.</summary>
    internal static readonly string[] Packages = ["Datapath.Abstractions", "Datapath.Policy", "Datapath.BpfObjects", "Datapath.Linux", "Datapath.Hosting"];

    [TestCaseSource(nameof(Packages))]
    public void Public_api_is_the_approved_one(string package)
    {
        var path = Path.Combine(Repository.Root, "tests", "Datapath.Architecture.Tests", "Api", package + ".txt");
        var actual = new ApiPrinter().Print(Assembly.Load(package));
        if (Environment.GetEnvironmentVariable("DATAPATH_ACCEPT_API") == "1")
            File.WriteAllText(path, actual);
        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.That(actual.Split('\n'), Is.EqualTo(approved.Split('\n')), $"the public API of {package} differs from {path}");
    }
}
