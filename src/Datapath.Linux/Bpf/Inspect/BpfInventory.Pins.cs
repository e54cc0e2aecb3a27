namespace Datapath.Linux.Bpf;

public static partial class BpfInventory
{
    private static readonly EnumerationOptions s_everywhere = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.ReparsePoint, // a symbolic link may lead in a circle, or out of the filesystem
    };

    /// <summary>What is pinned in a folder and in all folders below it. Pins that are deleted meanwhile are passed over.</summary>
    /// <param name="folder">An absolute path on a bpf filesystem.</param>
    /// <exception cref="LinuxException">There is no such folder, it is not on a bpf filesystem, or this process may not look into it.</exception>
    /// <exception cref="BpfException">This process may not open a pin. Thrown by the walk, not by this call.</exception>
    public static IEnumerable<BpfPinned> Pins(string folder = BpfFileSystem.DefaultMountPoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var errno = KernelFile.TryOpen(folder, Libc.O_RDONLY, out var handle);
        handle.Dispose();
        LinuxException.ThrowIfFailed(errno, $"look into '{folder}' for pins");
        return BpfFileSystem.Contains(folder)
            ? WalkPins(folder)
            : throw new LinuxException($"look into '{folder}' for pins", Errno.EINVAL, "it is not on a bpf filesystem");
    }

    private static IEnumerable<BpfPinned> WalkPins(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", s_everywhere))
        {
            var errno = BpfPin.TryOpen(path, out var handle);
            if (errno is Errno.ENOENT)
                continue;
            if (errno is not Errno.None)
                throw BpfPin.Refusal($"open the pin '{path}'", path, errno);
            using (handle)
            {
                var (kind, id) = DescriptorInfo.Read(handle!).Item;
                yield return new(path, kind, id);
            }
        }
    }
}

/// <summary>A file of a bpf filesystem that keeps something alive.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind">What it holds. It opens by that kind's <c>OpenPinned</c>.</param>
/// <param name="Id">The number of what it holds.</param>
/// <remarks>Minimum kernel: 5.8; older ones do not tell the number of a link.</remarks>
public sealed record BpfPinned(string Path, BpfItemKind Kind, uint Id);
