using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests;

/// <summary>
/// Inside Datapath.Linux a folder leans only on those that it may. All but Services and Masquerade, which know nothing of each other, is "eBPF for .NET" and knows nothing of either.
/// </summary>
[TestFixture]
internal sealed partial class FolderReferenceTests
{
    private const string Project = "src/Datapath.Linux";

    private static readonly Dictionary<string, string[]> s_folders = new()
    {
        [""] = ["Interop"],
        ["Interop"] = [""],
        ["Files"] = ["", "Interop"],
        ["Elf"] = [],
        ["Btf"] = ["Elf"],
        ["Netlink"] = ["", "Interop"],
        ["Namespaces"] = ["", "Interop", "Netlink"],
        ["Cgroups"] = ["", "Interop"],
        ["Bpf"] = ["", "Interop", "Elf", "Btf", "Netlink", "Cgroups"],
        ["Listening"] = ["", "Bpf"],
        ["Masquerade"] = ["", "Interop", "Elf", "Bpf", "Netlink", "Namespaces", "Listening"],
        ["Services"] = ["", "Interop", "Elf", "Bpf", "Netlink", "Namespaces", "Cgroups", "Listening"],
    };

    [Test]
    public void Every_folder_is_known() => Assert.That(FilesByFolder().Select(static g => g.Key), Is.EquivalentTo(s_folders.Keys));

    [Test]
    public void Folders_lean_only_on_those_allowed()
    {
        var folders = FilesByFolder().ToDictionary(static g => g.Key, static g => g.Select(f => (Path: f, Text: WithoutComments(File.ReadAllText(f)))).ToArray());
        var declared = folders.SelectMany(static folder => folder.Value.SelectMany(file => Declaration().Matches(file.Text)
                .Select(m => (Type: m.Groups["name"].Value, Folder: folder.Key))))
            .Distinct().ToLookup(static d => d.Type, static d => d.Folder);
        var offences = from folder in folders
                       from file in folder.Value
                       let members = Member().Matches(file.Text).Select(static m => m.Groups["name"].Value).ToHashSet()
                       from word in Word().Matches(file.Text).Select(static m => m.Value).Distinct()
                       where declared.Contains(word) && !members.Contains(word) // a field named like a type of elsewhere is not that type
                       let homes = declared[word]
                       where !homes.Contains(folder.Key) && !homes.Any(home => s_folders[folder.Key].Contains(home))
                       select $"{Path.GetRelativePath(Repository.Root, file.Path)} uses {word} of {string.Join(", ", homes)}";
        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void Only_what_is_made_of_it_knows_of_services_and_masquerading()
    {
        var types = typeof(IDatapath).Assembly.GetExportedTypes().Concat(typeof(BpfObjects.SocketLbObject).Assembly.GetExportedTypes())
            .Select(static type => type.Name).ToHashSet();
        Assert.That(types, Is.SupersetOf(new[] { "L4Address", "DesiredState", "SocketLbObject", "FrontendKey4" }));
        Assert.That(
            from folder in FilesByFolder()
            where folder.Key is not ("Services" or "Masquerade")
            from file in folder
            let text = WithoutComments(File.ReadAllText(file))
            from word in Word().Matches(text).Select(static w => w.Value).Distinct()
            where types.Contains(word)
            select $"{file}: {word}",
            Is.Empty);
    }

    [Test]
    public void Readers_of_files_make_no_system_call() => Assert.That(
        from folder in FilesByFolder()
        where folder.Key is "Elf" or "Btf"
        from file in folder
        where Word().Matches(File.ReadAllText(file)).Any(static w => w.Value is "Libc" or "File" or "KernelFile")
        select file,
        Is.Empty);

    [Test]
    public void One_function_enters_bpf() => Assert.That(
        from file in Repository.Sources("src")
        where Word().Matches(File.ReadAllText(file)).Any(static w => w.Value is "syscall_bpf")
        select Path.GetFileName(file),
        Is.EqualTo(["Libc.Bpf.cs"]));

    private static IEnumerable<IGrouping<string, string>> FilesByFolder() => Repository.Sources(Project)
        .GroupBy(static f => Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Repository.Root, Project), f))!.Split('/')[0]);

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"^\s*///?.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:class|struct|record|enum|interface)\s+(?:struct\s+|class\s+)?(?<name>[A-Z]\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"[\w>\]?]\s+(?<name>[A-Z]\w+)\s*(?:;|\{\s*get)")]
    private static partial Regex Member();

    [GeneratedRegex(@"\b[A-Za-z_]\w+\b")]
    private static partial Regex Word();
}
