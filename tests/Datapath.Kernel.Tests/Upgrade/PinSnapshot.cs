using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>Which maps, links and programs lie in a pin folder: who changed nothing leaves the same ones.</summary>
internal static class PinSnapshot
{
    /// <summary>A line for each pin.</summary>
    public static string[] Of(string bpfRoot) =>
    [
        .. Directory.GetFiles(PinFolder.MapsOf(bpfRoot)).Order(StringComparer.Ordinal).Select(static path =>
        {
            using var map = BpfMap.OpenPinned(path);
            return $"map {Path.GetFileName(path)} {map.Info.Id}";
        }),
        .. Directory.GetFiles(PinFolder.LinksOf(bpfRoot)).Order(StringComparer.Ordinal).Select(static path =>
        {
            using var link = BpfLink.OpenPinned(path);
            return $"link {Path.GetFileName(path)} {link.Info.Id} program {link.ProgramId}";
        }),
    ];

    /// <summary>The names of the pinned maps.</summary>
    public static string[] Maps(string bpfRoot) => Names(PinFolder.MapsOf(bpfRoot));

    /// <summary>The names of the pinned links.</summary>
    public static string[] Links(string bpfRoot) => Names(PinFolder.LinksOf(bpfRoot));

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
