using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests.Commands;

/// <summary>
/// What documents show of the agent is what it prints in the folder of example manifests. To accept a change, run the tests with
/// DATAPATH_ACCEPT_DOCS=1 and read the diff.
/// </summary>
[TestFixture]
internal sealed partial class AgentOutputTests
{
    [TestCase("policy.md")]
    public void Output_in_the_documents_is_that_of_the_agent(string document)
    {
        var path = Path.Combine(Repository.Root, "docs", document);
        var text = File.ReadAllText(path);
        Assert.That(Block().Matches(text), Is.Not.Empty);
        var actual = Block().Replace(text, static block => $"```console\n$ datapath-agent {block.Groups["arguments"].Value}\n{Run(block.Groups["arguments"].Value)}```");
        if (Environment.GetEnvironmentVariable("DATAPATH_ACCEPT_DOCS") == "1")
            File.WriteAllText(path, actual);
        Assert.That(actual.Split('\n'), Is.EqualTo(File.ReadAllText(path).Split('\n')), $"the agent prints something else than {path} shows");
    }

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_free_of_mistakes(string folder) =>
        Assert.That(Run($"plan -c worker-1.json -m {folder}"), Does.Not.Contain("error: ").And.Not.Contains("warning: "));

    [Test]
    public void Every_example_is_shown()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policy.md"));
        Assert.That(Examples().Where(folder => !text.Contains($" {folder}", StringComparison.Ordinal)), Is.Empty);
    }

    private static IEnumerable<string> Examples() => Directory.EnumerateFiles(AgentProcess.Manifests, "*.yaml", SearchOption.AllDirectories)
        .Select(static file => Path.GetRelativePath(AgentProcess.Manifests, Path.GetDirectoryName(file)!)).Distinct().Order(StringComparer.Ordinal);

    private static string Run(string arguments)
    {
        var (exitCode, output) = AgentProcess.Run(arguments.Split(' '));
        Assert.That(exitCode, Is.Zero, () => $"{arguments}: {output}");
        return output;
    }

    [GeneratedRegex(@"```console\n\$ datapath-agent (?<arguments>[^\n]*)\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
