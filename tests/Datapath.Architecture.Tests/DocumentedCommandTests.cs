using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests;

/// <summary>
/// What documents show of the agent is what it prints in the folder of example manifests. To accept a change, run the tests with
/// DATAPATH_ACCEPT_DOCS=1 and read the diff.
/// </summary>
[TestFixture]
internal sealed partial class DocumentedCommandTests
{
    private const string Prompt = "$ datapath-agent ";
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    [TestCase("policy.md")]
    public void Output_in_the_documents_is_that_of_the_agent(string document)
    {
        var path = Path.Combine(Repository.Root, "docs", document);
        var text = File.ReadAllText(path);
        Assert.That(Block().Matches(text), Is.Not.Empty);
        var actual = Block().Replace(text, static block => $"```console\n{block.Groups["command"].Value}\n{Run(block.Groups["command"].Value)}```");
        if (Environment.GetEnvironmentVariable("DATAPATH_ACCEPT_DOCS") == "1")
            File.WriteAllText(path, actual);
        Assert.That(actual.Split('\n'), Is.EqualTo(File.ReadAllText(path).Split('\n')), $"the agent prints something else than {path} shows");
    }

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_free_of_mistakes(string folder) =>
        Assert.That(Run($"{Prompt}plan -c worker-1.json -m {folder}"), Does.Not.Contain("error: ").And.Not.Contains("warning: "));

    [Test]
    public void Every_example_is_shown()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policy.md"));
        Assert.That(Examples().Where(folder => !text.Contains($" {folder}", StringComparison.Ordinal)), Is.Empty);
    }

    private static string Manifests => Path.Combine(Repository.Root, "samples", "manifests");

    private static IEnumerable<string> Examples() => Directory.EnumerateFiles(Manifests, "*.yaml", SearchOption.AllDirectories)
        .Select(static file => Path.GetRelativePath(Manifests, Path.GetDirectoryName(file)!)).Distinct().Order(StringComparer.Ordinal);

    /// <summary>What a command prints, errors last, without the spaces that end the lines of a table.</summary>
    private static string Run(string command)
    {
        var start = DotnetHost.Prepare(Path.Combine(AppContext.BaseDirectory, "datapath-agent.dll"), command[Prompt.Length..].Split(' '));
        start.WorkingDirectory = Manifests;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        Assert.That(process.WaitForExit(s_longest), command);
        Assert.That(process.ExitCode, Is.Zero, () => $"{command}: {output}");
        return string.Concat(output.TrimEnd().Split('\n').Select(static line => line.TrimEnd() + '\n'));
    }

    [GeneratedRegex(@"```console\n(?<command>\$ datapath-agent [^\n]*)\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
