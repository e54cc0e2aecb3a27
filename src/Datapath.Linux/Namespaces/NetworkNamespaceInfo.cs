using System.Globalization;

namespace Datapath.Linux.Namespaces;

/// <summary>A network namespace of this machine that a mount, a process, or a descriptor of this process holds.</summary>
/// <remarks>Minimum kernel: 4.11, as <see cref="NetworkNamespace"/>.</remarks>
public sealed class NetworkNamespaceInfo
{
    private const string Prefix = "net:[";

    private NetworkNamespaceInfo(ulong inode, IReadOnlyList<string> mountPoints, IReadOnlyList<int> processIds, IReadOnlyList<int> descriptors) =>
        (Inode, MountPoints, ProcessIds, Descriptors) = (inode, mountPoints, processIds, descriptors);

    /// <summary>The inode number, as in <c>net:[4026531833]</c>.</summary>
    public ulong Inode { get; }

    /// <summary>Where it is mounted, for example <c>/run/netns/blue</c>, as the calling thread sees it.</summary>
    public IReadOnlyList<string> MountPoints { get; }

    /// <summary>The processes inside, as this process sees their numbers, in their order.</summary>
    public IReadOnlyList<int> ProcessIds { get; }

    /// <summary>The descriptors by which this process held it open, each a <see cref="NetworkNamespace"/> as a rule, in their order.</summary>
    public IReadOnlyList<int> Descriptors { get; }

    /// <summary>
    /// The network namespaces that are mounted somewhere, those of processes, and those that this process has open, each once. Those that only a thread, a
    /// socket or a descriptor of another process holds cannot be found and are missing; of processes of other users only those that may be looked at are
    /// seen (CAP_SYS_PTRACE).
    /// </summary>
    /// <exception cref="LinuxException">procfs is not mounted.</exception>
    public static IReadOnlyList<NetworkNamespaceInfo> List()
    {
        var mounts = ReadMounts().ToLookup(static mount => mount.Inode, static mount => mount.Path);
        var processes = ReadProcesses().ToLookup(static process => process.Inode, static process => process.Id);
        var descriptors = ReadDescriptors().ToLookup(static descriptor => descriptor.Inode, static descriptor => descriptor.Number);
        return [.. mounts.Select(static group => group.Key)
            .Union(processes.Select(static group => group.Key))
            .Union(descriptors.Select(static group => group.Key))
            .Order()
            .Select(inode => new NetworkNamespaceInfo(inode, [.. mounts[inode]], [.. processes[inode].Order()], [.. descriptors[inode].Order()]))];
    }

    /// <summary>Opens it by the first of its paths and descriptors that still leads to it.</summary>
    /// <returns><see langword="null"/> if none does: it is gone, or about to go.</returns>
    public NetworkNamespace? TryOpen()
    {
        foreach (var path in MountPoints.Concat(ProcessIds.Select(static id => $"/proc/{id}/ns/net")))
        {
            try
            {
                var opened = NetworkNamespace.Open(path);
                if (opened.Inode == Inode)
                    return opened;
                opened.Dispose(); // the process has gone elsewhere, or its number has gone to another one
            }
            catch (LinuxException)
            {
                // Unmounted or ended meanwhile, or not ours to open: the next path may do.
            }
        }

        return Descriptors.Select(number => NetworkNamespace.TryDuplicate(number, Inode)).FirstOrDefault(static opened => opened is not null);
    }

    /// <summary><c>net:[inode]</c>, as /proc shows it.</summary>
    public override string ToString() => $"{Prefix}{Inode}]";

    /// <summary>The mounted network namespaces: such a mount has the namespace's name in the place of a directory.</summary>
    internal static IEnumerable<(ulong Inode, string Path)> ReadMounts()
    {
        foreach (var mount in MountInfo.ReadCurrent())
        {
            if (mount.FileSystemType is "nsfs" && TryParse(mount.Root, out var inode))
                yield return (inode, mount.MountPoint);
        }
    }

    /// <summary>Reads <c>net:[123]</c>.</summary>
    internal static bool TryParse(string? text, out ulong inode)
    {
        inode = 0;
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && text.EndsWith(']')
            && ulong.TryParse(text.AsSpan()[Prefix.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out inode);
    }

    private static IEnumerable<(ulong Inode, int Id)> ReadProcesses()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && TryParse(ReadLink($"{folder}/ns/net"), out var inode))
            {
                yield return (inode, id);
            }
        }
    }

    private static IEnumerable<(ulong Inode, int Number)> ReadDescriptors()
    {
        foreach (var path in Directory.EnumerateFiles("/proc/self/fd"))
        {
            if (TryParse(ReadLink(path), out var inode))
                yield return (inode, int.Parse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }

    private static string? ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the process has ended, or is not ours to look at; the descriptor is closed
        }
    }
}
