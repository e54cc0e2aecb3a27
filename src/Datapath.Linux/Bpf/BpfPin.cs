using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Files on a bpf filesystem, each of which keeps a map, program or link alive.</summary>
internal static unsafe class BpfPin
{
    public static void Pin(SafeBpfHandle handle, string path, string what)
    {
        using var lease = handle.Lease();
        fixed (byte* name = Terminated(path))
        {
            var attr = new ObjAttr { BpfFd = lease.Fd, Path = (ulong)name };
            var errno = Libc.Bpf(BpfCommand.ObjPin, ref attr);
            if (errno is not Errno.None)
                throw new BpfException($"pin {what} to '{path}'", errno, ReasonOf(
                    errno, path, Path.GetFileName(path).Contains('.', StringComparison.Ordinal) ? "names on a bpf filesystem have no dots" : "the folder must lie on a bpf filesystem"));
        }
    }

    public static SafeBpfHandle Open(string path, string what)
    {
        var errno = TryOpen(path, out var handle);
        if (errno is not Errno.None)
            throw Refusal($"open {what} pinned to '{path}'", path, errno);
        return handle!;
    }

    public static Errno TryOpen(string path, out SafeBpfHandle? handle)
    {
        fixed (byte* name = Terminated(path))
        {
            var attr = new ObjAttr { Path = (ulong)name };
            var errno = Libc.Bpf(BpfCommand.ObjGet, ref attr, out var fd);
            handle = errno is Errno.None ? new SafeBpfHandle(fd) : null;
            return errno;
        }
    }

    /// <summary>What to throw if a pin may not be opened.</summary>
    /// <param name="operation">What was tried.</param>
    /// <param name="path">The pin.</param>
    /// <param name="errno">What the kernel said.</param>
    public static BpfException Refusal(string operation, string path, Errno errno) => new(operation, errno, ReasonOf(errno, path));

    private static byte[] Terminated(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"the path '{path.Replace("\0", "\\0", StringComparison.Ordinal)}' holds a NUL", nameof(path));
        return Encoding.UTF8.GetBytes(path + '\0');
    }

    private static string? ReasonOf(Errno errno, string path, string? ofPermission = null) => errno switch
    {
        Errno.EPERM => ofPermission,
        Errno.EACCES when Path.Exists(path) && !BpfFileSystem.Contains(path) => "the file is not on a bpf filesystem",
        Errno.EACCES => "the mode of the file or of a folder above it forbids it; root may",
        _ => null,
    };
}
