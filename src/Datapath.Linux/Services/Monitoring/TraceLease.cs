using System.Diagnostics;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using TraceFilter = Datapath.BpfObjects.Layout.TraceFilter;

namespace Datapath.Linux.Services;

/// <summary>
/// What a listener wants to hear, in the kernel. It holds for a few seconds and is renewed: after a listener that was killed the first dial takes the
/// flag away, and then nothing is left that costs.
/// </summary>
internal sealed class TraceLease : IDisposable
{
    private const ulong Length = 5_000_000_000; // ns
    private readonly BpfMappedArray<TraceFilter> _filter;
    private readonly StateMap _state;
    private readonly DialMonitorOptions _options;

    public TraceLease(BpfMap filter, BpfMap state, DialMonitorOptions options)
    {
        _options = options;
        _filter = filter.MapMemory<TraceFilter>();
        try
        {
            _state = new(state);
        }
        catch
        {
            _filter.Dispose();
            throw;
        }
    }

    /// <summary>Nanoseconds on the monotonic clock, which is the one that .NET's stopwatch reads.</summary>
    public static ulong Now => (ulong)Stopwatch.GetTimestamp();

    /// <summary>Who signed last.</summary>
    public uint ListenerPid => _filter.DangerousItem(0).ListenerPid;

    /// <summary>Who listens at the moment; <see langword="null"/> if nobody does.</summary>
    public static uint? ListenerOf(BpfMap filter)
    {
        using var memory = filter.MapMemory<TraceFilter>();
        ref var asked = ref memory.DangerousItem(0);
        return Volatile.Read(ref asked.Until) > Now ? asked.ListenerPid : null;
    }

    /// <summary>Says what is asked for. Nothing is told before <see cref="Renew"/>.</summary>
    public void Sign()
    {
        ref var filter = ref _filter.DangerousItem(0);
        Volatile.Write(ref filter.Until, 0);
        filter.NetnsCookie = _options.NetnsCookie ?? 0;
        filter.CgroupId = _options.CgroupId is { } id && !IsRoot(id) ? id : 0;
        filter.Threshold = (uint)(((1UL << 32) / (ulong)_options.Sample) - 1);
        filter.Verdicts = MaskOf(_options);
        filter.Protocol = (byte)(_options.Protocol ?? 0);
        filter.ListenerPid = (uint)Environment.ProcessId;
    }

    /// <summary>Asks for some more seconds.</summary>
    /// <param name="frontendId">The frontend that is asked for; 0: all.</param>
    public void Renew(uint frontendId)
    {
        ref var filter = ref _filter.DangerousItem(0);
        filter.FrontendId = frontendId;
        Volatile.Write(ref filter.Until, Now + Length);
        _state.Set(StateFlags.Traces);
    }

    /// <summary>Asks for nothing more.</summary>
    public void End()
    {
        ref var filter = ref _filter.DangerousItem(0);
        Volatile.Write(ref filter.Until, 0);
        filter.ListenerPid = 0;
        _state.Clear(StateFlags.Traces);
    }

    public void Dispose()
    {
        _filter.Dispose();
        _state.Dispose();
    }

    // Whatever is below the root of all is everything, and the programs do not count the root among those above a process.
    private static bool IsRoot(ulong cgroupId) => Cgroup2.FindMount() is { IsWholeHierarchy: true } mount && mount.OpenRoot().Id == cgroupId;

    private static byte MaskOf(DialMonitorOptions options)
    {
        var mask = 0;
        foreach (var verdict in options.Verdicts.IsDefaultOrEmpty ? Enum.GetValues<DialVerdict>().AsEnumerable() : options.Verdicts)
            mask |= 1 << (int)verdict;
        return (byte)mask;
    }
}
