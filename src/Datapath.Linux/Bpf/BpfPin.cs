using System.Runtime.InteropServices;
using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Files on a bpf filesystem, each of which keeps a map, program or link alive.</summary>
internal static unsafe class BpfPin
{
    /// <summary>What a file's name ends with that is to take another's place; it stays if the process ends between the two steps.</summary>
    public const string BesideSuffix = "_beside";

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

    /// <summary>Pins to a path in place of what is pinned there, in one atomic step: whoever opens the path finds the one or the other.</summary>
    public static void Replace(SafeBpfHandle handle, string path, string what)
    {
        var beside = path + BesideSuffix;
        Pin(handle, beside, what);
        try
        {
            Rename(beside, path, what);
        }
        catch (BpfException)
        {
            _ = Libc.unlink(beside); // if that fails, too, the first failure still is the one to tell of
            throw;
        }
    }

    /// <summary>Gives a pin the path of another, which goes, in one atomic step.</summary>
    public static void Rename(string from, string to, string what)
    {
        if (Libc.rename(from, to) != 0)
            throw new BpfException($"pin {what} in place of '{to}'", (Errno)Marshal.GetLastPInvokeError());
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
