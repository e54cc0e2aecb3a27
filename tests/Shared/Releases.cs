using Datapath.Linux.Bpf;

/// <summary>The compiled objects of releases, byte for byte: see Upgrade/README.md of the kernel's tests.</summary>
internal static class Releases
{
    private const string Folder = "releases/";

    /// <summary>The releases, by version.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. typeof(Releases).Assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(static name => name.Split('/')[1])
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads an object of a release.</summary>
    /// <param name="version">The release.</param>
    /// <param name="name">The object's source without <c>.bpf.c</c>.</param>
    public static BpfObjectSpec Read(string version, string name)
    {
        using var stream = Open($"{version}/{name}.bpf.o");
        return BpfObjectSpec.Parse(stream);
    }

    /// <summary>Reads the headers of a release, one after the other, that say what the numbers in its maps mean.</summary>
    /// <param name="version">The release.</param>
    public static string ReadHeaders(string version) => string.Concat(typeof(Releases).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"{Folder}{version}/", StringComparison.Ordinal) && name.EndsWith(".h", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(static name =>
        {
            using var reader = new StreamReader(Open(name[Folder.Length..]));
            return reader.ReadToEnd();
        }));

    private static Stream Open(string path) => typeof(Releases).Assembly.GetManifestResourceStream(Folder + path)
        ?? throw new ArgumentException($"there is no '{path}' of a release", nameof(path));
}
