using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>What somebody else has in a folder for pins.</summary>
/// <param name="Datapaths">Folders with the pins of other datapaths.</param>
/// <param name="Others">Everything else.</param>
internal readonly record struct PinFolderRest(ImmutableArray<string> Datapaths, ImmutableArray<string> Others)
{
    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Datapaths.IsEmpty && Others.IsEmpty;

    /// <summary>Looks into a folder that has nothing of its own datapath.</summary>
    public static PinFolderRest Of(string folder)
    {
        var found = Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal).Select(static path => (Path: path, Datapaths: Below(path))).ToArray();
        return new([.. found.SelectMany(static entry => entry.Datapaths)], [.. found.Where(static entry => entry.Datapaths.Length == 0).Select(static entry => entry.Path)]);
    }

    /// <summary>Says it, and what to do.</summary>
    /// <param name="root">The pin folder that was to go.</param>
    public string Describe(string root)
    {
        List<string> found = [];
        if (!Datapaths.IsEmpty)
            found.Add($"pins of another datapath in '{string.Join("', '", Datapaths)}': uninstall that one first, then '{root}' again");
        if (!Others.IsEmpty)
            found.Add($"'{string.Join("', '", Others)}', which is no datapath's: delete that yourself, or leave the folder");
        return $"nothing of this datapath is left there, but the folder holds {string.Join("; and ", found)}";
    }

    private static string[] Below(string path) => !Directory.Exists(path)
        ? []
        : [.. Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).Prepend(path).Where(PinFolder.Exists).Order(StringComparer.Ordinal)];
}
