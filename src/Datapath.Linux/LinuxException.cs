using System.Runtime.CompilerServices;

namespace Datapath.Linux;

/// <summary>A system call failed. The message says what was tried on which object, with what error, and what to do where that is known.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public class LinuxException : IOException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="operation">What was tried, for example <c>open '/sys/fs/bpf'</c>.</param>
    /// <param name="errno">The error of the kernel.</param>
    /// <param name="reason">What the error means here and what to do; left out of the message if <see langword="null"/>.</param>
    public LinuxException(string operation, Errno errno, string? reason = null)
        : base(reason is null ? $"{operation}: {errno}" : $"{operation}: {errno} ({reason})") =>
        (Operation, Errno) = (operation, errno);

    internal LinuxException(string operation, Errno errno, string? reason, LinuxCapabilities missing)
        : this(operation, errno, reason) => MissingCapabilities = missing;

    /// <summary>
    /// What the thread would have needed and does not have, if that is why the kernel refused (<see cref="Errno.EPERM"/>). None if something
    /// else forbids it, for example a security module or a container's profile: the message says what can be seen of it.
    /// </summary>
    public LinuxCapabilities MissingCapabilities { get; }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>The error of the kernel.</summary>
    public Errno Errno { get; }

    /// <summary>What to throw if the kernel said that the thread may not do this.</summary>
    /// <param name="operation">What was tried.</param>
    /// <param name="errno">The result of the call: EPERM or EACCES.</param>
    /// <param name="needed">What the call takes.</param>
    /// <param name="otherwise">What else may be the reason.</param>
    internal static LinuxException Refusal(string operation, Errno errno, LinuxCapabilities needed, string? otherwise = null)
    {
        var reason = Permission.Explain(needed, out var missing, otherwise);
        return new(operation, errno, reason, missing);
    }

    /// <summary>Throws if <paramref name="errno"/> is an error.</summary>
    /// <param name="errno">The result of the call.</param>
    /// <param name="operation">What was tried; the text is built only on failure.</param>
    internal static void ThrowIfFailed(Errno errno, [InterpolatedStringHandlerArgument(nameof(errno))] ref OperationText operation)
    {
        if (errno is not Errno.None)
            throw new LinuxException(operation.ToString(), errno);
    }

    /// <inheritdoc cref="ThrowIfFailed(Errno, ref OperationText)"/>
    internal static void ThrowIfFailed(Errno errno, string operation)
    {
        if (errno is not Errno.None)
            throw new LinuxException(operation, errno);
    }
}
