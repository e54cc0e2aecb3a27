using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program at a tracepoint of the kernel; it gets the arguments with which the kernel comes there, and needs no tracefs. It runs for all
/// threads on all CPUs. Minimum kernel: 4.17; to be pinned, opened or asked for its name, 5.8.
/// </summary>
/// <remarks>The kernel can neither replace the program in place nor detach it before the link ends.</remarks>
public sealed unsafe class RawTracepointLink : BpfLink
{
    internal RawTracepointLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"raw tracepoint {TracepointName}";

    /// <summary>The tracepoint, for example <c>sys_enter</c>. Minimum kernel: 5.8.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public string TracepointName => ReadName(RawLinkInfo.NameOffset);

    /// <summary>Attaches a program that takes the arguments as numbers (<c>raw_tp/</c>).</summary>
    /// <param name="program">
    /// The program, a <see cref="ProgramType.RawTracepoint"/>, or a <see cref="ProgramType.RawTracepointWritable"/> at one of the few tracepoints that
    /// let programs change something.
    /// </param>
    /// <param name="name">The tracepoint, for example <c>sys_enter</c>.</param>
    /// <param name="cookie">What <c>bpf_get_attach_cookie()</c> gives to the program. Minimum kernel: 6.10.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.10, and a cookie is asked for.</exception>
    /// <exception cref="BpfException">The kernel refused: ENOENT without such a tracepoint, EACCES or EINVAL if the program reads or writes beyond its arguments.</exception>
    public static RawTracepointLink Attach(BpfProgram program, string name, ulong cookie = 0)
    {
        if (program is not { Type: ProgramType.RawTracepointWritable })
            PerfEvents.ThrowIfOther(program, ProgramType.RawTracepoint);
        ArgumentException.ThrowIfNullOrEmpty(name);
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            return Open(program, (ulong)text, cookie, $"raw tracepoint '{name}'");
    }

    /// <summary>
    /// Attaches a program to the tracepoint that its section names (<c>tp_btf/sched_switch</c>, <c>raw_tp/sys_enter</c>). For one that takes the arguments
    /// with their types (<c>tp_btf/</c>) it was settled at the load.
    /// </summary>
    /// <param name="program">
    /// The program, a <see cref="ProgramType.Tracing"/> made for <see cref="AttachType.TraceRawTracepoint"/>, or one that takes the arguments as numbers and whose
    /// section names the tracepoint (<see cref="BpfProgram.AttachTarget"/>).
    /// </param>
    /// <param name="cookie">What <c>bpf_get_attach_cookie()</c> gives to the program. Minimum kernel: 6.10.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or its section names no tracepoint.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.10, and a cookie is asked for.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static RawTracepointLink Attach(BpfProgram program, ulong cookie = 0)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program switch
        {
            { Type: ProgramType.Tracing, AttachType: AttachType.TraceRawTracepoint } => Open(program, 0, cookie, "its raw tracepoint"),
            { Type: ProgramType.RawTracepoint or ProgramType.RawTracepointWritable, AttachTarget.Length: > 0 } => Attach(program, program.AttachTarget, cookie),
            { Type: ProgramType.RawTracepoint or ProgramType.RawTracepointWritable } => throw new ArgumentException(
                $"program '{program.Name}' does not say its tracepoint; name it, or write it into the section of the program (raw_tp/sys_enter)", nameof(program)),
            _ => throw new ArgumentException($"program '{program.Name}' is a {program.Type}, a raw tracepoint takes a {ProgramType.RawTracepoint} or a tp_btf program", nameof(program)),
        };
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        throw new NotSupportedException("the kernel cannot replace the program in a link to a raw tracepoint; attach the new one, then dispose the old");

    private static RawTracepointLink Open(BpfProgram program, ulong name, ulong cookie, string target)
    {
        using var lease = program.Handle.Lease();
        var attr = new RawTracepointOpenAttr { Name = name, ProgFd = lease.Fd, Cookie = cookie };
        var errno = Libc.Bpf(BpfCommand.RawTracepointOpen, ref attr, out var fd);
        if (errno is Errno.EINVAL && cookie != 0)
            BpfFeature.RawTracepointCookie.ThrowIfUnsupported();
        if (errno is Errno.ENOENT)
            throw new BpfException($"attach program '{program.Name}' to {target}", errno, "this kernel has no such tracepoint");
        BpfException.ThrowIfFailed(errno, $"attach program '{program.Name}' to {target}");
        return new(new SafeBpfHandle(fd), program.Name);
    }
}
