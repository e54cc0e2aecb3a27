using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>A call of bpf(2) failed.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public class BpfException : LinuxException
{
    internal BpfException(string operation, Errno errno, string? reason = null, LinuxCapabilities missing = LinuxCapabilities.None)
        : base(operation, errno, reason ?? DefaultReason(errno), missing)
    {
    }

    /// <summary>Whether the same call may succeed later without a change of the input: memory or descriptors were short.</summary>
    public bool IsTransient => Errno is Errno.ENOMEM or Errno.EAGAIN or Errno.EBUSY or Errno.EMFILE or Errno.EINTR;

    /// <inheritdoc cref="LinuxException.ThrowIfFailed(Errno, ref OperationText)"/>
    internal static new void ThrowIfFailed(Errno errno, [InterpolatedStringHandlerArgument(nameof(errno))] ref OperationText operation)
    {
        if (errno is not Errno.None)
            throw Refusal(operation.ToString(), errno, LinuxCapabilities.None);
    }

    /// <summary>Throws if <paramref name="errno"/> is an error, and says what is missing if it is EPERM.</summary>
    /// <param name="errno">The result of the call.</param>
    /// <param name="needed">What the call takes.</param>
    /// <param name="operation">What was tried; the text is built only on failure.</param>
    internal static void ThrowIfFailed(
        Errno errno, LinuxCapabilities needed, [InterpolatedStringHandlerArgument(nameof(errno))] ref OperationText operation)
    {
        if (errno is not Errno.None)
            throw Refusal(operation.ToString(), errno, needed);
    }

    /// <summary>What to throw, with what is missing if the errno is EPERM.</summary>
    /// <param name="operation">What was tried.</param>
    /// <param name="errno">The result of the call.</param>
    /// <param name="needed">What the call takes.</param>
    /// <param name="otherwise">What else EPERM may mean here.</param>
    internal static new BpfException Refusal(string operation, Errno errno, LinuxCapabilities needed, string? otherwise = null)
    {
        if (errno is not Errno.EPERM)
            return new(operation, errno);
        var reason = Permission.ExplainBpf(needed, out var missing, otherwise);
        return new(operation, errno, reason, missing);
    }

    private static string? DefaultReason(Errno errno) => errno switch
    {
        Errno.EPERM => Permission.ExplainBpf(LinuxCapabilities.None, out _),
        Errno.ENOSYS => "this kernel was built without CONFIG_BPF_SYSCALL",
        Errno.E2BIG => "the call is larger than this kernel knows",
        _ => null,
    };
}
