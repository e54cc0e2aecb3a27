using System.Globalization;

namespace Datapath.Linux.Bpf;

public static partial class BpfInventory
{
    /// <summary>
    /// Which processes have descriptors of programs, maps, links and types: one entry for each process and object. Reads <c>/proc</c>, so it
    /// sees the processes of this process's PID namespace, and needs root to see those of others. Pins, attachments and programs that use
    /// a map hold it too, without a process.
    /// </summary>
    public static IEnumerable<BpfHolder> Holders()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                continue;
            var items = new SortedSet<(BpfItemKind Kind, uint Id)>(ItemsOf(folder));
            if (items.Count == 0)
                continue;
            var name = KernelFile.TryRead($"{folder}/comm", out var text) is Errno.None ? text.TrimEnd('\n') : "";
            foreach (var (kind, id) in items)
                yield return new(process, name, kind, id);
        }
    }

    private static List<(BpfItemKind Kind, uint Id)> ItemsOf(string process)
    {
        var items = new List<(BpfItemKind Kind, uint Id)>();
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries($"{process}/fd"))
            {
                // The name tells most descriptors apart without another file: anon_inode:bpf-map, bpf-prog, bpf_link, btf.
                var target = new FileInfo(descriptor).LinkTarget;
                if (target is null || !target.Contains("anon_inode:b", StringComparison.Ordinal))
                    continue;
                if (DescriptorInfo.TryRead($"{process}/fdinfo/{Path.GetFileName(descriptor)}", out var info) && info.Item is { Kind: not BpfItemKind.Unknown } item)
                    items.Add(item);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is not ours to look into: what was seen until here is all that there is.
        }

        return items;
    }
}

/// <summary>A process that has a descriptor of something.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessName">Its name, at most 15 bytes; empty if it has just ended.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Id">The number of what it holds.</param>
/// <remarks>Minimum kernel: 5.8; older ones do not tell the number of a link.</remarks>
public sealed record BpfHolder(int ProcessId, string ProcessName, BpfItemKind Kind, uint Id);
