using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>A call of bpf(2) failed.</summary>
public class BpfException : LinuxException
{
    internal BpfException(string operation, Errno errno, string? reason = null)
        : base(operation, errno, reason ?? DefaultReason(errno))
    {
    }

    /// <summary>Whether the same call may succeed later without a change of the input: memory or descriptors were short.</summary>
    public bool IsTransient => Errno is Errno.ENOMEM or Errno.EAGAIN or Errno.EBUSY or Errno.EMFILE;

    internal static new void ThrowIfFailed(Errno errno, [InterpolatedStringHandlerArgument(nameof(errno))] ref OperationText operation)
    {
        if (errno is not Errno.None)
            throw new BpfException(operation.ToString(), errno);
    }

    private static string? DefaultReason(Errno errno) => errno switch
    {
        Errno.EPERM => "needs root, or CAP_BPF with CAP_NET_ADMIN (and CAP_SYS_ADMIN for ids and mounts)",
        Errno.ENOSYS => "this kernel was built without CONFIG_BPF_SYSCALL",
        Errno.E2BIG => "the map is full, or the call is larger than this kernel knows",
        _ => null,
    };
}
