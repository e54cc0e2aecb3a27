using System.Runtime.CompilerServices;

namespace Datapath.Linux;

/// <summary>A system call failed. The message says what was tried on which object, with what error, and what to do where that is known.</summary>
public class LinuxException : IOException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="operation">What was tried, for example <c>open '/sys/fs/bpf'</c>.</param>
    /// <param name="errno">The error of the kernel.</param>
    /// <param name="reason">What the error means here and what to do; left out of the message if <see langword="null"/>.</param>
    public LinuxException(string operation, Errno errno, string? reason = null)
        : base(reason is null ? $"{operation}: {errno}" : $"{operation}: {errno} ({reason})") =>
        (Operation, Errno) = (operation, errno);

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>The error of the kernel.</summary>
    public Errno Errno { get; }

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
