using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Datapath.Architecture.Tests;

/// <summary>Documentation that can be held against the tree.</summary>
[TestFixture]
internal sealed partial class DocumentationTests
{
    [TestCase("README.md")]
    [TestCase("src/README.md")] // that of the packages
    public void The_readme_shows_the_embedding_sample(string readme)
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Embedding", "Program.cs"));
        var snippet = Snippet().Match(File.ReadAllText(Path.Combine(Repository.Root, readme))).Groups["code"].Value;
        Assert.That(snippet, Is.Not.Empty);
        Assert.That(sample, Does.Contain(snippet));
    }

    [Test]
    public void The_readme_of_the_packages_leads_nowhere_since_nothing_is_beside_it() =>
        Assert.That(Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src", "README.md"))).Select(static m => m.Value), Is.Empty);

    [Test]
    public void Snippets_of_the_documents_are_compiled()
    {
        var code = new[] { "samples", "tests" }.SelectMany(Repository.Sources).Select(static file => WithoutIndentation(File.ReadAllText(file))).ToArray();
        var snippets = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            .Where(static document => Path.GetFileName(document) != "getting-started.md") // eng/pack-app.sh compiles that one and runs it
            .SelectMany(static document => Snippet().Matches(File.ReadAllText(document)).Select(static m => m.Groups["code"].Value)).ToArray();
        Assert.That(snippets, Is.Not.Empty);
        Assert.That(snippets.Where(snippet => !code.Any(file => file.Contains(WithoutIndentation(snippet), StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public void Snippets_of_the_documents_name_the_namespaces_of_the_types_that_they_use()
    {
        var types = new[] { typeof(IDatapath), typeof(BpfObjects.Layout.DialVerdict), typeof(Policy.PolicyCompiler), typeof(Linux.LinuxException), typeof(Hosting.DatapathHost) }
            .SelectMany(static type => type.Assembly.GetExportedTypes()).Where(static type => !type.IsNested)
            .ToLookup(static type => type.Name.Split('`')[0], static type => type.Namespace!);
        Assert.That(
            from document in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            let text = File.ReadAllText(document)
            from snippet in Snippet().Matches(text)
            from name in TypeName().Matches(snippet.Groups["code"].Value).Select(static m => m.Value).Distinct()
            where types.Contains(name) && !types[name].Any(space => text.AsSpan(0, snippet.Index + snippet.Length).Contains($"using {space};", StringComparison.Ordinal))
            select $"{Path.GetFileName(document)}: {name}: write 'using {string.Join("' or '", types[name])}' above the snippet",
            Is.Empty);
    }

    [Test]
    public void Links_between_documents_lead_somewhere() => Assert.That(
        from document in Documents()
        from link in Link().Matches(File.ReadAllText(document)).Select(static m => m.Groups["target"].Value)
        where !link.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, link))
        select $"{document}: {link}",
        Is.Empty);

    [Test]
    public void Public_types_of_the_kernel_layer_name_their_minimum_kernel()
    {
        var assembly = typeof(Linux.LinuxException).Assembly;
        var documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(static m => m.Attribute("name")!.Value, static m => m.ToString());
        string[] without =
        [
            .. from type in assembly.GetExportedTypes()
               where !documentation.TryGetValue("T:" + type.FullName!.Replace('+', '.'), out var text) || !MinimumKernel().IsMatch(text)
               select type.FullName,
        ];
        Assert.That(
            without,
            Is.Empty,
            "write /// <remarks>Minimum kernel: 5.8.</remarks> with the version that has what the type needs, or \"Minimum kernel: none; it is pure.\" (or \"a value\") where it asks nothing of the kernel");
    }

    private static string WithoutIndentation(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()));

    private static IEnumerable<string> Documents() =>
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "*.md"),
    ];

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    // Not members, nor what an initializer sets.
    [GeneratedRegex(@"(?<![.\w""'])[A-Z]\w+(?=[.(<?]|\s+\w|\s*\{)(?!\s*=[^>])")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"Minimum\s+kernel:\s+(none|\d+\.\d+)\b")]
    private static partial Regex MinimumKernel();

    [GeneratedRegex(@"\]\((?<target>[^)#]+)")]
    private static partial Regex Link();
}
