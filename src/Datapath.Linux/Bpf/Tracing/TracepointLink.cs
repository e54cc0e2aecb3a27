namespace Datapath.Linux.Bpf;

/// <summary>
/// A program at a tracepoint of the kernel; it sees the fields that tracefs describes. It runs for all threads on all CPUs. Minimum kernel:
/// 5.15; <see cref="PerfEventAttachment"/> works on older ones too.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.Tracepoint"/>. The kernel can neither replace it in place nor detach it before the link
/// ends.</remarks>
public sealed class TracepointLink : BpfLink
{
    internal TracepointLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => TracepointName is { Length: > 0 } name ? $"tracepoint {name}" : "tracepoint";

    /// <summary>
    /// The tracepoint without its category, for example <c>sys_enter_openat</c>; empty if the kernel does not tell. Minimum kernel: 6.6.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public string TracepointName => ReadName(RawLinkInfo.PerfNameOffset);

    /// <summary>Attaches a program to a tracepoint that is named as in the section of its source (<see cref="ProgramSpec.AttachTarget"/>).</summary>
    /// <param name="program">The program, a <see cref="ProgramType.Tracepoint"/>.</param>
    /// <param name="tracepoint">Category and name, for example <c>syscalls/sys_enter_openat</c>.</param>
    /// <inheritdoc cref="Attach(BpfProgram, string, string, ulong)" path="/exception"/>
    public static TracepointLink Attach(BpfProgram program, string tracepoint)
    {
        ArgumentNullException.ThrowIfNull(tracepoint);
        var slash = tracepoint.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? throw new ArgumentException($"'{tracepoint}' has no slash between category and name", nameof(tracepoint))
            : Attach(program, tracepoint[..slash], tracepoint[(slash + 1)..]);
    }

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.Tracepoint"/>.</param>
    /// <param name="category">The tracepoint's category, a folder of <c>/sys/kernel/tracing/events</c>, for example <c>syscalls</c>.</param>
    /// <param name="name">The tracepoint, for example <c>sys_enter_openat</c>.</param>
    /// <param name="cookie">What <c>bpf_get_attach_cookie()</c> gives to the program.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or the names cannot be such.</exception>
    /// <exception cref="LinuxException">There is no such tracepoint, or tracefs is not mounted; the message says how to mount it.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.15.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EEXIST if this program is at this tracepoint, EACCES if it reads beyond the tracepoint's fields, E2BIG if no more
    /// programs fit (64).
    /// </exception>
    public static TracepointLink Attach(BpfProgram program, string category, string name, ulong cookie = 0)
    {
        PerfEvents.ThrowIfOther(program, ProgramType.Tracepoint);
        using var perfEvent = PerfEvents.OpenTracepoint(category, name);
        return new(PerfEvents.CreateLink(program, perfEvent, cookie, $"tracepoint '{category}/{name}'"), program.Name);
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        throw new NotSupportedException("the kernel cannot replace the program in a link to a tracepoint; attach the new one, then dispose the old");
}
