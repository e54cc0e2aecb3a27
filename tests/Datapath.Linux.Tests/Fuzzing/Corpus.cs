using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>Real inputs: object files, types of a kernel, datagrams of netlink.</summary>
internal static class Corpus
{
    private static readonly string s_folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Corpus");

    /// <summary>Object files, each of some kilobytes. Named one by one: a new file must not change what a seed means.</summary>
    public static byte[][] Objects { get; } = [.. new[] { "core", "kinds", "linked", "ring" }.Select(Object)];

    /// <summary>Some types of a kernel.</summary>
    public static byte[] KernelTypes { get; } = ReadAll("types", "kernel.btf")[0];

    /// <summary>An object file.</summary>
    public static byte[] Object(string name) => ReadAll("objects", name + ".bpf.o")[0];

    /// <summary>A section of each object that has it.</summary>
    public static byte[][] Sections(string name) =>
        [.. Objects.Select(file => ElfFile.Parse(file).FindSection(name)).OfType<ElfSection>().Select(static section => section.Data.ToArray())];

    /// <summary>Datagrams of netlink whose file is named so.</summary>
    public static byte[][] Netlink(string name) => ReadAll("netlink", name + "*.bin");

    /// <summary>What a reader once failed on.</summary>
    public static byte[][] Found(string reader) =>
        Directory.Exists(Path.Combine(s_folder, "found")) ? [.. Files("found", reader + "-*.bin").Select(File.ReadAllBytes)] : [];

    private static byte[][] ReadAll(string folder, string pattern)
    {
        byte[][] all = [.. Files(folder, pattern).Select(File.ReadAllBytes)];
        Assert.That(all, Is.Not.Empty, $"{folder}/{pattern}");
        return all;
    }

    // In an order that is the same everywhere, or a seed would mean other inputs on another machine.
    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(s_folder, folder), pattern).Order(StringComparer.Ordinal);
}
