using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfProgram
{
    private const uint BPF_F_TEST_RUN_ON_CPU = 1;
    private const int Growth = 256; // what a program may put before or behind a packet
    private const int EthernetHeader = 14;

    private bool TakesPackets => Type is
        ProgramType.Xdp or ProgramType.SchedClassifier or ProgramType.SchedAction or ProgramType.SocketFilter or ProgramType.CgroupSkb or ProgramType.FlowDissector;

    /// <summary>
    /// Runs the program now, on a packet or context of the caller's choice, without attaching it. The packet goes nowhere. Minimum kernel: 4.12 for
    /// XDP and tc, 5.10 for raw tracepoints, 5.14 for socket lookup and syscall programs.
    /// </summary>
    /// <param name="options">What it gets.</param>
    /// <exception cref="ArgumentException">The kind takes no CPU, or is run once only.</exception>
    /// <exception cref="NotSupportedException">The kernel cannot run programs of this kind so.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EINVAL for a packet shorter than its headers or a context that the kind does not take, ENOSPC if the result has no room,
    /// ENXIO if the CPU is not online.
    /// </exception>
    public TestRunResult TestRun(TestRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Repeat);
        if (options.DataCapacity is < 0 or > TestRunOptions.MaxDataCapacity)
            throw new ArgumentOutOfRangeException(nameof(options), options.DataCapacity, $"{nameof(options.DataCapacity)} is at least 0, at most {TestRunOptions.MaxDataCapacity}");
        if (options.Cpu is < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.Cpu, $"{nameof(options.Cpu)} is at least 0");

        // These take a context alone, and the kernel refuses every other field.
        var takesOnlyContext = Type is ProgramType.Syscall or ProgramType.RawTracepoint;
        if (takesOnlyContext && options.Repeat != 1)
            throw new ArgumentException($"the kernel runs a {Type} once (program '{Name}')", nameof(options));
        if (options.Cpu is not null && Type is not ProgramType.RawTracepoint)
            throw new ArgumentException($"the kernel runs a {Type} on the CPU of the caller (program '{Name}')", nameof(options));
        var data = new byte[options.DataCapacity ?? (options.Data.IsEmpty ? 0 : options.Data.Length + Growth)];
        var context = options.Context.ToArray(); // both ways: a syscall program writes to the memory that it is given
        using var lease = Handle.Lease();
        fixed (byte* input = options.Data.Span)
        fixed (byte* output = data)
        fixed (byte* both = context)
        {
            var attr = new ProgTestRunAttr
            {
                ProgFd = lease.Fd,
                DataIn = (ulong)input,
                DataSizeIn = (uint)options.Data.Length,
                DataOut = (ulong)output,
                DataSizeOut = (uint)data.Length,
                ContextIn = (ulong)both,
                ContextSizeIn = (uint)context.Length,
                ContextOut = takesOnlyContext ? 0 : (ulong)both,
                ContextSizeOut = takesOnlyContext ? 0 : (uint)context.Length,
                Repeat = takesOnlyContext ? 0 : (uint)options.Repeat,
                Flags = options.Cpu is null ? 0 : BPF_F_TEST_RUN_ON_CPU,
                Cpu = (uint)(options.Cpu ?? 0),
            };
            var errno = Libc.Bpf(BpfCommand.ProgTestRun, ref attr);
            if (errno is Errno.ENOTSUPP || (Type is ProgramType.Tracing && errno is Errno.EFAULT or Errno.EINVAL)) // runs of functions only
                throw new NotSupportedException($"this kernel cannot run a {Type} as a test (program '{Name}')");
            if (ReasonOf(errno, in attr, data.Length, context.Length) is { } reason)
                throw new BpfException($"run program '{Name}' on {options.Data.Length} bytes of data and {options.Context.Length} of context", errno, reason);
            BpfException.ThrowIfFailed(errno, $"run program '{Name}' on {options.Data.Length} bytes of data and {options.Context.Length} of context");
            return new(
                (int)attr.ReturnValue,
                attr.Duration,
                ImmutableArray.Create(data.AsSpan(0, Math.Min((int)attr.DataSizeOut, data.Length))),
                ImmutableArray.Create(context));
        }
    }

    // The kernel writes how large the results are, even if they did not fit.
    private string? ReasonOf(Errno errno, in ProgTestRunAttr attr, int dataRoom, int contextRoom) => errno switch
    {
        Errno.EINVAL when TakesPackets && attr.DataSizeIn < EthernetHeader => $"a packet has {EthernetHeader} bytes or more, its Ethernet header first",
        Errno.ENOSPC when attr.DataSizeOut > dataRoom =>
            $"what the program leaves has {attr.DataSizeOut} bytes, and {nameof(TestRunOptions.DataCapacity)} is {dataRoom}",
        Errno.ENOSPC when attr.ContextSizeOut > contextRoom =>
            $"the context of a {Type} has {attr.ContextSizeOut} bytes; give {nameof(TestRunOptions.Context)} as many",
        _ => null,
    };
}
