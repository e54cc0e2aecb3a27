using System.Reflection;
using System.Text.RegularExpressions;
using Datapath.Linux.Bpf;

namespace Datapath.Architecture.Tests;

/// <summary>
/// The page of kernels says the same as the library does when it refuses. To accept a change of its list, run the tests with DATAPATH_ACCEPT_DOCS=1 and read the diff.
/// </summary>
[TestFixture]
internal sealed partial class KernelSupportTests
{
    private static readonly string s_page = Path.Combine(Repository.Root, "docs", "kernel-support.md");

    // What the tables above the list call a feature that the library can name.
    private static readonly (string Row, BpfFeature Feature)[] s_rows =
    [
        ("ring buffers", BpfFeature.RingBuffers),
        ("`cgroup/recvmsg4`, `recvmsg6`", BpfFeature.RecvmsgHook),
        ("socket storage (`BPF_MAP_TYPE_SK_STORAGE`)", BpfFeature.SocketStorage),
        ("frozen maps, read-only data", BpfFeature.ReadOnlyMap),
        ("memory-mapped arrays", BpfFeature.MappableArray),
        ("batch operations on hashes", BpfFeature.MapBatches),
        ("cgroup links", BpfFeature.CgroupLink),
        ("`cgroup/getpeername4`, `getpeername6`", BpfFeature.GetPeernameHook),
        ("link detach", BpfFeature.LinkDetach),
        ("`bpf_set_retval()`", BpfFeature.SetReturnValue),
        ("memory-mapped arrays (VERSION)", BpfFeature.MappableArray),
        ("batch operations (VERSION)", BpfFeature.MapBatches),
        ("perf event links (VERSION)", BpfFeature.PerfEventLink),
        ("tcx (VERSION)", BpfFeature.Tcx),
    ];

    [Test]
    public void The_list_is_that_of_the_library()
    {
        var text = File.ReadAllText(s_page);
        var features = typeof(BpfFeature).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(static p => p.PropertyType == typeof(BpfFeature))
            .Select(static p => (Code: p.Name, Feature: (BpfFeature)p.GetValue(null)!)).ToArray();
        var kinds = Enum.GetValues<MapType>().Select(static type => (Code: $"Of(MapType.{type})", Feature: BpfFeature.Of(type)!))
            .Where(kind => kind.Feature is not null && features.All(known => known.Feature != kind.Feature));
        var rows = features.Concat(kinds).OrderBy(static f => Version.Parse(f.Feature.MinimumKernel)).ThenBy(static f => f.Code, StringComparer.Ordinal)
            .Select(static f => $"| `{f.Code}` | {f.Feature.Name} | {f.Feature.MinimumKernel} |\n");
        var actual = List().Replace(text, list => list.Groups["head"].Value + string.Concat(rows));
        if (Environment.GetEnvironmentVariable("DATAPATH_ACCEPT_DOCS") == "1")
            File.WriteAllText(s_page, actual);
        Assert.That(List().IsMatch(text));
        Assert.That(File.ReadAllText(s_page).Split('\n'), Is.EqualTo(actual.Split('\n')));
    }

    [Test]
    public void The_other_tables_name_the_same_versions()
    {
        var text = File.ReadAllText(s_page);
        Assert.That(
            from row in s_rows
            let version = row.Feature.MinimumKernel
            let expected = row.Row.Contains("VERSION", StringComparison.Ordinal) ? $"| {row.Row.Replace("VERSION", version, StringComparison.Ordinal)} |" : $"| {row.Row} | {version} |"
            where !text.Contains($"\n{expected}", StringComparison.Ordinal)
            select expected,
            Is.Empty);
    }

    // Whatever the engine cannot do without: the youngest of it.
    [TestCase("docs/kernel-support.md", "The engine needs Linux VERSION.")]
    [TestCase("docs/getting-started.md", "You need Linux VERSION or later")]
    [TestCase("README.md", "Linux VERSION and later")]
    public void The_oldest_kernel_is_the_same_everywhere(string document, string sentence) => Assert.That(
        File.ReadAllText(Path.Combine(Repository.Root, document)), Does.Contain(sentence.Replace("VERSION", BpfFeature.SetReturnValue.MinimumKernel, StringComparison.Ordinal)));

    [GeneratedRegex(@"(?<head>\| `BpfFeature` \| Is \| Since \|\n\|---\|---\|---\|\n)(?:\|.*\n)*")]
    private static partial Regex List();
}
