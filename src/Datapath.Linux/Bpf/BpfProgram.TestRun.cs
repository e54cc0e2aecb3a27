using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfProgram
{
    private const int Growth = 256; // what a program may put before or behind a packet

    /// <summary>
    /// Runs the program now, on a packet or context of the caller's choice, without attaching it. The packet goes nowhere. Minimum kernel: 4.12 for
    /// XDP and tc, 5.14 for syscall programs.
    /// </summary>
    /// <param name="options">What it gets.</param>
    /// <exception cref="NotSupportedException">The kernel cannot run programs of this kind so.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EINVAL for a packet shorter than its headers or a context that the kind does not take, ENOSPC if the result has no room.
    /// </exception>
    public TestRunResult TestRun(TestRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Repeat);
        ArgumentOutOfRangeException.ThrowIfNegative(options.DataCapacity ?? 0);
        var data = new byte[options.DataCapacity ?? (options.Data.IsEmpty ? 0 : options.Data.Length + Growth)];
        var context = options.Context.ToArray(); // both ways: a syscall program writes to the memory that it is given
        using var lease = Handle.Lease();
        fixed (byte* input = options.Data.Span)
        fixed (byte* output = data)
        fixed (byte* both = context)
        {
            // A syscall program takes a context alone, and the kernel refuses every other field.
            var isSyscall = Type is ProgramType.Syscall;
            var attr = new ProgTestRunAttr
            {
                ProgFd = lease.Fd,
                DataIn = (ulong)input,
                DataSizeIn = (uint)options.Data.Length,
                DataOut = (ulong)output,
                DataSizeOut = (uint)data.Length,
                ContextIn = (ulong)both,
                ContextSizeIn = (uint)context.Length,
                ContextOut = isSyscall ? 0 : (ulong)both,
                ContextSizeOut = isSyscall ? 0 : (uint)context.Length,
                Repeat = isSyscall ? 0 : (uint)options.Repeat,
            };
            var errno = Libc.Bpf(BpfCommand.ProgTestRun, ref attr);
            if (errno is Errno.ENOTSUPP)
                throw new NotSupportedException($"this kernel cannot run a {Type} as a test (program '{Name}')");
            BpfException.ThrowIfFailed(errno, $"run program '{Name}' on {options.Data.Length} bytes of data and {options.Context.Length} of context");
            return new(
                (int)attr.ReturnValue,
                attr.Duration,
                ImmutableArray.Create(data.AsSpan(0, Math.Min((int)attr.DataSizeOut, data.Length))),
                ImmutableArray.Create(context));
        }
    }
}
