using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>
/// The API reference in docs/api is made from the documentation in the sources. To write it anew, run the tests with DATAPATH_ACCEPT_API=1 and read the diff.
/// </summary>
[TestFixture]
internal sealed partial class ApiReferenceTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "docs", "api");

    [Test]
    public void The_reference_is_what_the_sources_say()
    {
        var pages = new ApiReference(PublicApiTests.Packages).Print();
        if (Environment.GetEnvironmentVariable("DATAPATH_ACCEPT_API") == "1")
            Write(pages);
        Assert.That(Files(), Is.EquivalentTo(pages.Keys));
        foreach (var (path, text) in pages)
            Assert.That(text.Split('\n'), Is.EqualTo(File.ReadAllText(Path.Combine(s_folder, path)).Split('\n')), $"docs/api/{path}: run the tests with DATAPATH_ACCEPT_API=1");
    }

    [Test]
    public void Links_lead_to_headings()
    {
        var headings = Files().ToDictionary(
            static path => path,
            static path => Heading().Matches(File.ReadAllText(Path.Combine(s_folder, path))).Select(static h => ReferenceLinks.Anchor(h.Groups["text"].Value)).ToArray());
        Assert.That(headings.Where(static page => page.Key != ApiReference.Index).SelectMany(static page => page.Value), Is.Not.Empty);
        Assert.That(headings.SelectMany(static page => page.Value.GroupBy(static h => h).Where(static h => h.Count() > 1).Select(h => page.Key + h.Key)), Is.Empty, "headings that are there twice");
        var links = from path in Files()
                    from link in Link().Matches(File.ReadAllText(Path.Combine(s_folder, path)))
                    let target = link.Groups["path"].Value.Length == 0 ? path : Path.GetRelativePath(s_folder, Path.GetFullPath(link.Groups["path"].Value, Path.GetDirectoryName(Path.Combine(s_folder, path))!))
                    select (From: path, To: target, Anchor: link.Groups["anchor"].Value);
        var all = links.ToArray();
        Assert.That(all, Has.Length.GreaterThan(1000));
        Assert.That(all.Where(link => !headings.TryGetValue(link.To, out var page) || !page.Contains(link.Anchor)), Is.Empty);
    }

    [Test]
    public void Everything_public_is_described()
    {
        var documentation = new XmlDocumentation(PublicApiTests.Packages.Select(Assembly.Load));
        string[] without =
        [
            .. from package in PublicApiTests.Packages
               from type in Assembly.Load(package).GetExportedTypes()
               where documentation.Of(type) is null
               select type.FullName,
            .. from package in PublicApiTests.Packages
               from type in Assembly.Load(package).GetExportedTypes()
               from member in new ApiPrinter().Members(type)
               where documentation.Of(member.Member) is null && !SpeaksForItself(member.Member)
               select DocumentationId.Of(member.Member),
        ];
        Assert.That(without, Is.Empty, "public, and the reference says nothing of it");
    }

    // What records and delegates get by themselves, constructors that nobody wrote, and numbers with the names that the kernel gave them.
    private static bool SpeaksForItself(MemberInfo member) =>
        member.DeclaringType == typeof(Linux.Errno) || member.DeclaringType!.BaseType == typeof(MulticastDelegate)
        || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member is PropertyInfo property && property.GetMethod!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && property.Name is "EqualityContract"
        || member is ConstructorInfo constructor && (constructor.GetParameters().Length == 0 || constructor.GetParameters() is [var only] && only.ParameterType == member.DeclaringType);

    private static void Write(SortedDictionary<string, string> pages)
    {
        foreach (var surplus in Files().Where(path => !pages.ContainsKey(path)))
            File.Delete(Path.Combine(s_folder, surplus));
        foreach (var (path, text) in pages)
        {
            var file = Path.Combine(s_folder, path);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    private static string[] Files() => Directory.Exists(s_folder)
        ? [.. Directory.EnumerateFiles(s_folder, "*", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(s_folder, file)).Order(StringComparer.Ordinal)]
        : [];

    [GeneratedRegex("^## (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<path>[^)#]*)(?<anchor>#[^)]+)\)")]
    private static partial Regex Link();
}
