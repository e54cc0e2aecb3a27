using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program that runs as something is counted: after so much time, so many page faults, so many cycles. Minimum kernel: 5.15;
/// <see cref="PerfEventAttachment"/> works on older ones too.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.PerfEvent"/>. The kernel can neither replace it in place nor detach it before the link
/// ends. Below 6.6 the kernel does not tell a tracepoint from a counter: a link to a tracepoint that is opened there comes as this kind.</remarks>
public sealed class PerfEventLink : BpfLink
{
    private readonly string? _target;

    internal PerfEventLink(SafeBpfHandle handle, string name, string? target = null)
        : base(handle, name) => _target = target;

    /// <summary>
    /// What the program is attached to, in words for people: <c>cpu-clock on CPU 0 at 99 Hz</c>. Of a link that was opened the kernel tells only what is
    /// counted: <c>cpu-clock</c>, and below 6.6 not even that.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public override string Target => _target ?? Source?.Name ?? "performance event";

    /// <summary>What is counted; <see langword="null"/> if the kernel does not tell. Minimum kernel: 6.6.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public PerfEventSource? Source
    {
        get
        {
            var info = ReadInfo();
            return info.PerfEventKind is RawLinkInfo.PerfCounter ? PerfEventSource.OfKernel(info.PerfType, info.PerfConfig) : null;
        }
    }

    /// <summary>Attaches a program to the events of a thread, of a CPU, or of a thread on a CPU.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.PerfEvent"/>.</param>
    /// <param name="options">Which events.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or neither thread nor CPU is named.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.15.</exception>
    /// <exception cref="LinuxException">
    /// The kernel refused the event: ENOENT or EOPNOTSUPP if this machine cannot count it, ESRCH without such a thread, ENODEV without such a CPU.
    /// </exception>
    /// <exception cref="BpfException">The kernel refused the program.</exception>
    public static PerfEventLink Attach(BpfProgram program, PerfEventLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        PerfEvents.ThrowIfOther(program, ProgramType.PerfEvent);
        using var perfEvent = PerfEvents.Open(options);
        var target = PerfEvents.Describe(options);
        return new(PerfEvents.CreateLink(program, perfEvent, options.Cookie, target), program.Name, target);
    }

    /// <summary>Attaches a program to the events of each CPU that is online now: one link each. If one fails, none stays.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.PerfEvent"/>.</param>
    /// <param name="options">Which events; <see cref="PerfEventLinkOptions.Cpu"/> does not count.</param>
    /// <inheritdoc cref="Attach" path="/exception"/>
    public static ImmutableArray<PerfEventLink> AttachToEachCpu(BpfProgram program, PerfEventLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var links = ImmutableArray.CreateBuilder<PerfEventLink>();
        try
        {
            foreach (var cpu in OnlineCpus.Read())
                links.Add(Attach(program, options with { Cpu = cpu }));
            return links.ToImmutable();
        }
        catch
        {
            foreach (var link in links)
                link.Dispose();
            throw;
        }
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        throw new NotSupportedException("the kernel cannot replace the program in a link to a performance event; attach the new one, then dispose the old");
}
