using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>The locks of flock(2), as the kernel lists them: looking is no try, which could stand in the way of who starts just then.</summary>
internal static class FileLocks
{
    private const string List = "/proc/locks";

    /// <summary>Finds who has locked a file or folder for itself alone.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The process, as this one's PID namespace has its number; <see langword="null"/> if there is none, or none that it shows.</returns>
    /// <exception cref="LinuxException">The file may not be opened, or the list not be read.</exception>
    public static int? FindHolder(string path)
    {
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(path, Libc.O_RDONLY, out var handle), $"open '{path}'");
        using (handle)
        {
            LinuxException.ThrowIfFailed(Libc.GetLockName(handle, out var name), $"read the inode of '{path}'");
            return FindHolder(KernelFile.Read(List), name);
        }
    }

    /// <summary>Finds it in the list: <c>1: FLOCK  ADVISORY  WRITE 4242 00:1e:77 0 EOF</c>; lines of those who wait have an arrow behind the number.</summary>
    public static int? FindHolder(string list, string name)
    {
        foreach (var line in list.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, "WRITE", var pid, var place, ..] && place == name
                && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
                return id;
        }

        return null;
    }
}
