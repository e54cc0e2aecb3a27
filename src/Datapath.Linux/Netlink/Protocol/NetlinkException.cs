using System.Runtime.CompilerServices;

namespace Datapath.Linux.Netlink;

/// <summary>
/// The kernel refused a netlink request. <see cref="Exception.Message"/> carries the kernel's own words where it had any.
/// </summary>
/// <remarks>Minimum kernel: none; 4.12 for what the kernel says beside the errno.</remarks>
public sealed class NetlinkException : LinuxException
{
    private const string Owner = "it counts only in the user namespace that owns the network namespace";

    private NetlinkException(string operation, NetlinkAck ack, string? reason, LinuxCapabilities missing)
        : base(operation, ack.Errno, reason, missing) => (KernelMessage, RequestOffset) = (ack.Message, ack.Offset);

    /// <summary>What the kernel wrote about the error (its extended acknowledgement); <see langword="null"/> if nothing.</summary>
    public string? KernelMessage { get; }

    /// <summary>Where in the request the attribute lies that the kernel did not like, in bytes from the start of the message; <see langword="null"/> if it did not say.</summary>
    public int? RequestOffset { get; }

    /// <summary>Throws if <paramref name="ack"/> tells of an error.</summary>
    /// <param name="ack">The answer.</param>
    /// <param name="operation">What was tried; the text is built only on failure.</param>
    internal static void ThrowIfFailed(NetlinkAck ack, [InterpolatedStringHandlerArgument(nameof(ack))] ref NetlinkOperationText operation)
    {
        if (ack.Errno is not Errno.None)
            throw Failed(operation.ToString(), ack);
    }

    internal static NetlinkException Failed(string operation, NetlinkAck ack)
    {
        var missing = LinuxCapabilities.None;
        var hint = ack.Errno is Errno.EPERM ? Permission.Explain(LinuxCapabilities.NetAdmin, out missing, Owner) : Hint(ack.Errno);
        return new(operation, ack, ack.Message is null ? hint : missing is LinuxCapabilities.None ? ack.Message : $"{ack.Message}; {hint}", missing);
    }

    private static string? Hint(Errno errno) => errno switch
    {
        Errno.ENODEV => "no such interface in this network namespace",
        Errno.EINTR => "the table changed each time it was read; ask again",
        Errno.ENOBUFS => "the kernel had no memory for its answer; whether the change was made is not known",
        Errno.ETIMEDOUT => "the kernel did not answer; whether the change was made is not known",
        _ => null,
    };

    /// <summary>An <see cref="OperationText"/> that looks at an acknowledgement.</summary>
    [InterpolatedStringHandler]
    internal ref struct NetlinkOperationText
    {
        private OperationText _text;

        public NetlinkOperationText(int literalLength, int formattedCount, NetlinkAck ack, out bool isFailure) =>
            _text = new(literalLength, formattedCount, ack.Errno, out isFailure);

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToString();
    }
}
