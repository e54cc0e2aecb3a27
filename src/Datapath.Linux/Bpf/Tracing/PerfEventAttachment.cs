using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program at a tracepoint or a performance event, by a link where the kernel has such links (5.15), else by the event itself. It is attached
/// until this is disposed or the process ends; only a link can be pinned. Minimum kernel: 4.7 for tracepoints, 4.9 for performance events.
/// </summary>
public sealed class PerfEventAttachment : IDisposable
{
    private readonly SafeFileHandle? _event;

    private PerfEventAttachment(BpfLink link) => Link = link;

    private PerfEventAttachment(SafeFileHandle perfEvent) => _event = perfEvent;

    /// <summary>The link; <see langword="null"/> if the kernel has none for this.</summary>
    public BpfLink? Link { get; }

    /// <summary>Attaches a program to events, as <see cref="PerfEventLink.Attach"/> does.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.PerfEvent"/>.</param>
    /// <param name="options">Which events.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or neither thread nor CPU is named.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.15, and a cookie is asked for.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static PerfEventAttachment Attach(BpfProgram program, PerfEventLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return new(PerfEventLink.Attach(program, options));
        }
        catch (FeatureNotSupportedException) when (options.Cookie == 0)
        {
            return AttachWithoutLink(program, options);
        }
    }

    /// <summary>Attaches a program to a tracepoint, as <see cref="TracepointLink"/> does.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.Tracepoint"/>.</param>
    /// <param name="category">The tracepoint's category, for example <c>syscalls</c>.</param>
    /// <param name="name">The tracepoint, for example <c>sys_enter_openat</c>.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or the names cannot be such.</exception>
    /// <exception cref="LinuxException">There is no such tracepoint, tracefs is not mounted, or the kernel refused.</exception>
    public static PerfEventAttachment AttachToTracepoint(BpfProgram program, string category, string name)
    {
        try
        {
            return new(TracepointLink.Attach(program, category, name));
        }
        catch (FeatureNotSupportedException)
        {
            return AttachToTracepointWithoutLink(program, category, name);
        }
    }

    /// <summary>Detaches the program, unless the link is held or pinned elsewhere.</summary>
    public void Dispose()
    {
        Link?.Dispose();
        _event?.Dispose();
    }

    internal static PerfEventAttachment AttachWithoutLink(BpfProgram program, PerfEventLinkOptions options)
    {
        PerfEvents.ThrowIfOther(program, ProgramType.PerfEvent);
        return Set(program, PerfEvents.Open(options), PerfEvents.Describe(options));
    }

    internal static PerfEventAttachment AttachToTracepointWithoutLink(BpfProgram program, string category, string name)
    {
        PerfEvents.ThrowIfOther(program, ProgramType.Tracepoint);
        return Set(program, PerfEvents.OpenTracepoint(category, name), $"tracepoint '{category}/{name}'");
    }

    private static PerfEventAttachment Set(BpfProgram program, SafeFileHandle perfEvent, string target)
    {
        try
        {
            PerfEvents.SetProgram(program, perfEvent, target);
            return new(perfEvent);
        }
        catch
        {
            perfEvent.Dispose();
            throw;
        }
    }
}
