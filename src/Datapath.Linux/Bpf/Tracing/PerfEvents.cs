using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>Performance events, and programs on them: what tracepoints and counters share.</summary>
internal static class PerfEvents
{
    /// <summary>Opens a tracepoint as an event.</summary>
    public static SafeFileHandle OpenTracepoint(string category, string name)
    {
        var attr = new PerfEventAttr { Type = PerfEventSource.TracepointType, Config = TraceFileSystem.ReadTracepointId(category, name) };

        // The event must be some CPU's that runs; number 0 need not. Its program runs on all of them, as it hangs on the tracepoint itself.
        return Open(attr, thread: -1, OnlineCpus.Read()[0], $"open tracepoint '{category}/{name}'");
    }

    /// <summary>Opens a counter as an event.</summary>
    public static SafeFileHandle Open(PerfEventLinkOptions options)
    {
        if (options.ThreadId is null && options.Cpu is null)
            throw new ArgumentException("a performance event needs a thread or a CPU", nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ThreadId ?? 0);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Cpu ?? 0);
        ArgumentOutOfRangeException.ThrowIfZero(options.Sampling.Value);
        if (options.Source.Type is PerfEventSource.TracepointType)
            throw new ArgumentException("a tracepoint is no counter; a TracepointLink attaches to it", nameof(options));
        var attr = new PerfEventAttr
        {
            Type = options.Source.Type,
            Config = options.Source.Config,
            PeriodOrFrequency = options.Sampling.Value,
            Bits = options.Sampling.IsFrequency ? Libc.PERF_BIT_FREQUENCY : 0,
        };
        return Open(attr, options.ThreadId ?? -1, options.Cpu ?? -1, $"open performance event {Describe(options)}", options.Source.IsOfProcessor);
    }

    /// <summary>For example <c>cpu-clock on CPU 0 at 99 Hz</c>, <c>page-faults of thread 7 once for 1000</c>.</summary>
    public static string Describe(PerfEventLinkOptions options)
    {
        var thread = options.ThreadId switch
        {
            null => "",
            0 => " of the calling thread",
            { } id => $" of thread {id}",
        };
        return $"{options.Source.Name}{thread}{(options.Cpu is { } cpu ? $" on CPU {cpu}" : "")} {options.Sampling}";
    }

    /// <summary>Attaches by a link, which keeps the event.</summary>
    public static SafeBpfHandle CreateLink(BpfProgram program, SafeFileHandle perfEvent, ulong cookie, string target)
    {
        using var lease = program.Handle.Lease();
        using var eventLease = new FdLease(perfEvent);
        var attr = new LinkCreateAttr { ProgFd = lease.Fd, TargetFd = eventLease.Fd, AttachType = (uint)AttachType.PerfEvent, Cookie = cookie };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.PerfEventLink.ThrowIfUnsupported();
        ThrowIfRefused(errno, program, target);
        return new(fd);
    }

    /// <summary>Attaches as kernels without such links do: as long as the event is open.</summary>
    public static void SetProgram(BpfProgram program, SafeFileHandle perfEvent, string target)
    {
        using var lease = program.Handle.Lease();
        var errno = Libc.ioctl_perf(perfEvent, Libc.PERF_EVENT_IOC_SET_BPF, (nint)lease.Fd) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        ThrowIfRefused(errno, program, target);
    }

    public static void ThrowIfOther(BpfProgram program, ProgramType type)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.Type != type)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, what it is to be attached to takes a {type}", nameof(program));
    }

    private static void ThrowIfRefused(Errno errno, BpfProgram program, string target)
    {
        if (errno is Errno.None)
            return;
        if (errno is Errno.EPERM)
            throw BpfException.Refusal($"attach program '{program.Name}' to {target}", errno, LinuxCapabilities.None);
        throw new BpfException($"attach program '{program.Name}' to {target}", errno, errno switch
        {
            Errno.EEXIST => "this program is attached there",
            Errno.EACCES => "the program reads more than there is",
            Errno.E2BIG => "no more programs fit",
            _ => null,
        });
    }

    private static SafeFileHandle Open(PerfEventAttr attr, int thread, int cpu, string operation, bool isOfProcessor = false)
    {
        var errno = Libc.PerfEventOpen(attr, thread, cpu, out var handle);
        if (errno is Errno.None)
            return handle;
        handle.Dispose();
        if (errno is Errno.EACCES or Errno.EPERM)
        {
            var isStrict = IsStrict();
            var reason = Permission.Explain(isStrict ? LinuxCapabilities.SysAdmin : LinuxCapabilities.PerfMon, out var missing);
            throw new LinuxException(operation, errno, $"{reason}; kernel.perf_event_paranoid {(isStrict ? "above 2 asks for more than CAP_PERFMON" : "says what may be done without it")}", missing);
        }

        throw new LinuxException(operation, errno, errno switch
        {
            Errno.ENOENT or Errno.ENODEV or Errno.EOPNOTSUPP when isOfProcessor =>
                "this machine cannot count that; virtual machines often have no counters (/sys/bus/event_source/devices lists what there is)",
            Errno.ESRCH => "there is no such thread",
            Errno.ENODEV => "there is no such CPU, or it is offline",
            Errno.ENOSYS => "this kernel was built without CONFIG_PERF_EVENTS",
            _ => null,
        });
    }

    // The kernels of Debian and Ubuntu know a level 3, which only CAP_SYS_ADMIN passes.
    private static bool IsStrict() =>
        KernelFile.TryRead("/proc/sys/kernel/perf_event_paranoid", out var level) is Errno.None
        && int.TryParse(level, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
        && number > 2;
}
