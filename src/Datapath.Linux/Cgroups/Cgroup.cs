using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Cgroups;

/// <summary>
/// A cgroup v2. This object is only its name and number: it holds nothing open, and the cgroup stays when the process ends.
/// </summary>
/// <remarks>Changes need write access to the cgroup's files, as root has. Minimum kernel: 5.5, where the inode became the id.</remarks>
public sealed class Cgroup
{
    private Cgroup(string path, ulong id) => (Path, Id) = (path, id);

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>The inode of the directory, which is the number that bpf_get_current_cgroup_id() gives for processes inside.</summary>
    public ulong Id { get; }

    /// <summary>The processes inside, without those in its children. 0 stands for one that the PID namespace of this process does not show.</summary>
    /// <exception cref="LinuxException">The cgroup is gone (ENOENT or ENODEV), or is threaded (EOPNOTSUPP).</exception>
    public IReadOnlyList<int> Processes
    {
        get
        {
            var errno = KernelFile.TryRead(ProcessesPath, out var text);
            LinuxException.ThrowIfFailed(errno, $"list the processes of cgroup '{Path}'");
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
    }

    private string ProcessesPath => System.IO.Path.Combine(Path, "cgroup.procs");

    /// <summary>Opens a cgroup by directory.</summary>
    /// <exception cref="CgroupNotFoundException">There is none, or the directory is not on cgroup v2.</exception>
    /// <exception cref="LinuxException">It may not be opened.</exception>
    public static Cgroup Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var handle = OpenDirectory(path);
        LinuxException.ThrowIfFailed(Libc.GetInode(handle, out var id), $"read the id of cgroup '{path}'");
        return new(path, id);
    }

    /// <summary>Opens the directory, to attach programs to the cgroup. The caller disposes it.</summary>
    /// <exception cref="CgroupNotFoundException">The cgroup is gone.</exception>
    /// <exception cref="LinuxException">It may not be opened.</exception>
    public SafeFileHandle OpenHandle() => OpenDirectory(Path);

    /// <summary>Makes a cgroup inside.</summary>
    /// <param name="name">A single name, at most 255 bytes, without slash or line break.</param>
    /// <exception cref="LinuxException">There is one of that name (EEXIST), or it may not be made.</exception>
    public Cgroup CreateChild(string name)
    {
        var child = ChildPath(name);
        var errno = Libc.make_directory(child, 0x1ed /* rwxr-xr-x */) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno is Errno.EACCES)
            throw new LinuxException($"create cgroup '{child}'", errno, $"making a cgroup needs the right to write to '{Path}': root has it, and whoever the directory was delegated to");
        LinuxException.ThrowIfFailed(errno, $"create cgroup '{child}'");
        return Open(child);
    }

    /// <summary>Opens a cgroup inside.</summary>
    /// <param name="name">A single name.</param>
    /// <exception cref="CgroupNotFoundException">There is none.</exception>
    public Cgroup OpenChild(string name) => Open(ChildPath(name));

    /// <summary>Deletes the cgroup. It is no error if it is gone already.</summary>
    /// <exception cref="LinuxException">Processes or cgroups are inside (EBUSY): the message says which.</exception>
    public void Delete()
    {
        var errno = Libc.remove_directory(Path) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno is Errno.None or Errno.ENOENT)
            return;
        throw new LinuxException($"delete cgroup '{Path}'", errno, errno is Errno.EBUSY ? DescribeContent() : null);
    }

    /// <summary>Moves a process with all its threads here. Children that it has already stay where they are; later ones start here.</summary>
    /// <param name="processId">The process, as this process sees its number.</param>
    /// <exception cref="LinuxException">There is no such process (ESRCH), or the cgroup cannot take it.</exception>
    public void AddProcess(int processId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId); // 0 would mean whichever process writes
        var errno = KernelFile.TryWrite(ProcessesPath, processId.ToString(CultureInfo.InvariantCulture));
        if (errno is not Errno.None)
            throw new LinuxException($"move process {processId} into cgroup '{Path}'", errno, WhyNotJoined(errno));
    }

    /// <summary>Moves this process here.</summary>
    /// <exception cref="LinuxException">The cgroup cannot take it.</exception>
    public void AddCurrentProcess() => AddProcess(Environment.ProcessId);

    /// <summary>The directory.</summary>
    public override string ToString() => Path;

    private static SafeFileHandle OpenDirectory(string path)
    {
        // The dot makes ENOTDIR of a file, such as cgroup.procs.
        var errno = KernelFile.TryOpen(System.IO.Path.Combine(path, "."), Libc.O_RDONLY, out var handle);
        if (errno is Errno.ENOENT or Errno.ENOTDIR)
            throw new CgroupNotFoundException($"open cgroup '{path}'", $"there is no such directory{WhereElse(path)}");
        LinuxException.ThrowIfFailed(errno, $"open cgroup '{path}'");
        errno = Libc.GetFileSystemType(handle, out var type);
        if (errno is Errno.None && type == Libc.CGROUP2_SUPER_MAGIC)
            return handle;
        handle.Dispose();
        LinuxException.ThrowIfFailed(errno, $"see on which filesystem '{path}' lies");
        throw new CgroupNotFoundException($"open cgroup '{path}'", $"it is not on cgroup v2{WhereElse(path)}");
    }

    // Where version 1 is mounted beside it, the place that everybody knows is not its.
    private static string WhereElse(string path)
    {
        try
        {
            var mount = Cgroup2.FindMount().Path;
            return path == mount || path.StartsWith(mount + '/', StringComparison.Ordinal) ? "" : $"; cgroup v2 is mounted at '{mount}'";
        }
        catch (CgroupNotFoundException e)
        {
            return $"; {e.Message}";
        }
    }

    private static string? WhyNotJoined(Errno errno) => errno switch
    {
        Errno.ESRCH => "there is no such process",
        Errno.ENODEV or Errno.ENOENT => "the cgroup is gone",
        Errno.EACCES => "needs write access to cgroup.procs here and in the nearest cgroup that holds both places",
        Errno.EBUSY => "the cgroup gives controllers to its children (cgroup.subtree_control), so only they may hold processes",
        Errno.EOPNOTSUPP => "the cgroup is threaded or of an invalid type; see its cgroup.type",
        _ => null,
    };

    private string ChildPath(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\n', '\0'))
            throw new ArgumentException($"'{name}' cannot be the name of a cgroup", nameof(name));
        return System.IO.Path.Combine(Path, name);
    }

    private string DescribeContent()
    {
        var children = Directory.Exists(Path) ? Directory.GetDirectories(Path) : [];
        if (children.Length > 0)
            return $"it holds cgroups: {string.Join(", ", children.Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal))}";
        return KernelFile.TryRead(ProcessesPath, out var text) is Errno.None && text.Length > 0
            ? $"it holds processes: {string.Join(", ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries))}"
            : "what was inside has just left; try again";
    }
}
