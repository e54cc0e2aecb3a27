using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>The folder with a datapath's pins, and the lock that lets one process at a time manage it.</summary>
internal sealed class PinFolder : IDisposable
{
    private readonly SafeFileHandle _lock;

    private PinFolder(string path, SafeFileHandle @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Whether the path still leads to the folder that was locked.</summary>
    public bool IsInPlace
    {
        get
        {
            var errno = KernelFile.TryOpen(Path, Libc.O_RDONLY, out var handle);
            using (handle)
            {
                return errno is Errno.None && Libc.GetInode(handle, out var found) is Errno.None && Libc.GetInode(_lock, out var locked) is Errno.None
                    && found == locked && Directory.Exists(MapsOf(Path)) && Directory.Exists(LinksOf(Path));
            }
        }
    }

    /// <summary>Whether there is anything of a datapath below a folder.</summary>
    /// <exception cref="LinuxException">The folder may not be read.</exception>
    public static bool Exists(string path) => FolderExists(path) && (Directory.Exists(MapsOf(path)) || Directory.Exists(LinksOf(path)));

    /// <summary>Makes the folder if it is missing, and locks it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="readOwner">Tells the process that manages a folder, 0 if it has not signed yet.</param>
    /// <exception cref="DatapathInUseException">Another process holds the lock.</exception>
    /// <exception cref="LinuxException">The folder cannot be made, or is the mount point that all programs share.</exception>
    public static PinFolder Open(string path, Func<string, uint> readOwner)
    {
        if (BpfFileSystem.IsDefaultMountPoint(path))
        {
            throw new LinuxException(
                $"use '{path}' for pinned state", Errno.EINVAL, $"all programs of the machine share it; choose a folder in it, for example '{BpfFileSystem.DefaultMountPoint}/datapath'");
        }

        BpfFileSystem.CreateDirectory(path);
        BpfFileSystem.CreateDirectory(MapsOf(path));
        BpfFileSystem.CreateDirectory(LinksOf(path));
        return TryLock(path) is { } handle ? new(path, handle) : throw DatapathInUseException.OfPins(path, OwnerOf(path, readOwner));
    }

    /// <summary>Locks a folder until the handle is disposed, or its process ends.</summary>
    /// <returns><see langword="null"/> if somebody else holds the lock.</returns>
    /// <exception cref="LinuxException">There is no such folder, or it cannot be locked.</exception>
    public static SafeFileHandle? TryLock(string folder)
    {
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(folder, Libc.O_RDONLY, out var handle), $"open '{folder}'");
        if (Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
            return handle;
        var errno = (Errno)Marshal.GetLastPInvokeError();
        handle.Dispose();
        return errno is Errno.EAGAIN ? null : throw new LinuxException($"lock '{folder}'", errno);
    }

    /// <summary>Whether a folder is still the one that was opened.</summary>
    /// <exception cref="LinuxException">It may not be looked at.</exception>
    public static bool IsStillAt(string folder, SafeFileHandle opened)
    {
        var errno = KernelFile.TryOpen(folder, Libc.O_RDONLY, out var now);
        using (now)
        {
            if (errno is Errno.ENOENT)
                return false;
            LinuxException.ThrowIfFailed(errno, $"open '{folder}'");
            LinuxException.ThrowIfFailed(Libc.GetInode(now, out var inode), $"read the inode of '{folder}'");
            LinuxException.ThrowIfFailed(Libc.GetInode(opened, out var before), $"read the inode that '{folder}' had");
            return inode == before;
        }
    }

    public static string MapsOf(string path) => System.IO.Path.Combine(path, "maps");

    public static string LinksOf(string path) => System.IO.Path.Combine(path, "links");

    public string LinkPath(string program) => System.IO.Path.Combine(LinksOf(Path), program);

    /// <summary>Opens a map, if it is there: an earlier version may have had none.</summary>
    public BpfMap? TryOpenMap(string name)
    {
        var path = MapPath(name);
        return File.Exists(path) ? BpfMap.OpenPinned(path) : null;
    }

    public string MapPath(string name) => System.IO.Path.Combine(MapsOf(Path), name);

    /// <summary>Ends the lock.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Opens a folder to remove what is in it.</summary>
    /// <returns><see langword="null"/> if there is no such folder on a bpf filesystem, or nothing of a datapath in it.</returns>
    /// <exception cref="DatapathInUseException">Another process holds the lock.</exception>
    /// <exception cref="LinuxException">The folder may not be read.</exception>
    public static PinFolder? OpenToRemove(string path, Func<string, uint> readOwner) =>
        FolderExists(path) && BpfFileSystem.Contains(path) && (Exists(path) || (!IsMount(path) && PinFolderRest.Of(path).IsEmpty)) ? Open(path, readOwner) : null;

    /// <summary>Detaches the program of a pinned link, of whatever kind, and deletes the pin.</summary>
    /// <param name="path">The pin.</param>
    /// <exception cref="BpfException">It is no link, or the kernel refused.</exception>
    public static void Detach(string path)
    {
        using (var link = BpfLink.OpenPinned(path))
        {
            try
            {
                link.Detach();
            }
            catch (BpfException e) when (e.Errno is Errno.EOPNOTSUPP)
            {
                // A kind that ends with its last holder, which is the pin.
            }
        }

        File.Delete(path);
    }

    /// <summary>
    /// Deletes the pins of maps that are none of these: another version had them. This one would not keep them up, so who knows them must find none rather than what is out of date.
    /// </summary>
    /// <param name="names">The maps that stay.</param>
    public void DeleteOtherMaps(IEnumerable<string> names)
    {
        var known = names.Select(MapPath).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(MapsOf(Path)).Where(path => !known.Contains(path)))
            File.Delete(path);
    }

    /// <summary>The pinned links.</summary>
    public string[] ListLinks() => Directory.GetFiles(LinksOf(Path));

    /// <summary>Deletes the pins of the maps, and the folder, of which no link is left. One that is a mount, as in a container, stays; so do those above it.</summary>
    /// <exception cref="LinuxException">The folder holds something of somebody else (ENOTEMPTY). What was the datapath's own is gone.</exception>
    public void Delete()
    {
        foreach (var path in Directory.GetFiles(MapsOf(Path)))
            File.Delete(path);
        DeleteFolder(LinksOf(Path));
        DeleteFolder(MapsOf(Path));
        if (!IsMount(Path))
            DeleteFolder(Path);
    }

    private void DeleteFolder(string folder)
    {
        var errno = Libc.remove_directory(folder) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno is Errno.None)
            return;
        throw new LinuxException($"delete '{folder}'", errno, errno is Errno.ENOTEMPTY ? PinFolderRest.Of(folder).Describe(Path) : null);
    }

    // Its signature is gone with the pin of it; the lock is not.
    private static uint OwnerOf(string path, Func<string, uint> readOwner) => readOwner(path) is > 0 and var signed ? signed : (uint)(FileLocks.FindHolder(path) ?? 0);

    private static bool IsMount(string path)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return MountInfo.ReadCurrent().Any(mount => mount.MountPoint == path);
    }

    // The classes of System.IO would take a folder that may not be read for one that is not there.
    private static bool FolderExists(string path)
    {
        var errno = KernelFile.TryOpen(path, Libc.O_RDONLY, out var handle);
        handle.Dispose();
        if (errno is Errno.ENOENT or Errno.ENOTDIR)
            return false;
        LinuxException.ThrowIfFailed(errno, $"read '{path}' (needs root)");
        return true;
    }
}
