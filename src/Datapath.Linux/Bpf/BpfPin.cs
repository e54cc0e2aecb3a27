using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Files on a bpf filesystem, each of which keeps a map, program or link alive.</summary>
internal static unsafe class BpfPin
{
    public static void Pin(SafeBpfHandle handle, string path, string what)
    {
        using var lease = handle.Lease();
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var attr = new ObjAttr { BpfFd = lease.Fd, Path = (ulong)name };
            var errno = Libc.Bpf(BpfCommand.ObjPin, ref attr);
            if (errno is not Errno.None)
                throw new BpfException($"pin {what} to '{path}'", errno, ReasonOf(errno, "the folder must lie on a bpf filesystem"));
        }
    }

    public static SafeBpfHandle Open(string path, string what)
    {
        var errno = TryOpen(path, out var handle);
        if (errno is not Errno.None)
            throw Refusal($"open {what} pinned to '{path}'", errno);
        return handle!;
    }

    public static Errno TryOpen(string path, out SafeBpfHandle? handle)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var attr = new ObjAttr { Path = (ulong)name };
            var errno = Libc.Bpf(BpfCommand.ObjGet, ref attr, out var fd);
            handle = errno is Errno.None ? new SafeBpfHandle(fd) : null;
            return errno;
        }
    }

    /// <summary>What to throw if a pin may not be opened.</summary>
    public static BpfException Refusal(string operation, Errno errno) => new(operation, errno, ReasonOf(errno));

    private static string? ReasonOf(Errno errno, string? ofPermission = null) => errno switch
    {
        Errno.EPERM => ofPermission,
        Errno.EACCES => "the mode of the file or of a folder above it forbids it; root may",
        _ => null,
    };
}
