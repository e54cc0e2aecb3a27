using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests;

/// <summary>Documentation that can be held against the tree.</summary>
[TestFixture]
internal sealed partial class DocumentationTests
{
    [Test]
    public void The_readme_shows_the_embedding_sample()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Embedding", "Program.cs"));
        var snippet = Snippet().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Groups["code"].Value;
        Assert.That(snippet, Is.Not.Empty);
        Assert.That(sample, Does.Contain(snippet));
    }

    [Test]
    public void Links_between_documents_lead_somewhere() => Assert.That(
        from document in Documents()
        from link in Link().Matches(File.ReadAllText(document)).Select(static m => m.Groups["target"].Value)
        where !link.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, link))
        select $"{document}: {link}",
        Is.Empty);

    private static IEnumerable<string> Documents() =>
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "*.md"),
    ];

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\]\((?<target>[^)#]+)")]
    private static partial Regex Link();
}
