using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Listening;
using TraceFilter = Datapath.BpfObjects.Layout.TraceFilter;

namespace Datapath.Linux.Services;

/// <summary>What a listener wants to hear of dials, in the kernel.</summary>
internal sealed class TraceLease : IListenerLease
{
    private readonly BpfMappedArray<TraceFilter> _filter;
    private readonly StateMap _state;
    private readonly DialMonitorOptions _options;
    private readonly Func<uint> _frontendId;

    /// <summary>Prepares it.</summary>
    /// <param name="filter">The map of the filter; it may be disposed afterwards.</param>
    /// <param name="state">The map of the state, likewise.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="frontendId">Tells the frontend that is asked for at the moment; 0: all.</param>
    public TraceLease(BpfMap filter, BpfMap state, DialMonitorOptions options, Func<uint> frontendId)
    {
        (_options, _frontendId) = (options, frontendId);
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

    /// <summary>Who signed last.</summary>
    public uint ListenerPid => _filter.DangerousItem(0).ListenerPid;

    /// <summary>Who listens at the moment; <see langword="null"/> if nobody does.</summary>
    public static uint? ListenerOf(BpfMap filter)
    {
        using var memory = filter.MapMemory<TraceFilter>();
        ref var asked = ref memory.DangerousItem(0);
        return Volatile.Read(ref asked.Until) > EventClock.Now ? asked.ListenerPid : null;
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public void Renew(ulong until)
    {
        ref var filter = ref _filter.DangerousItem(0);
        filter.FrontendId = _frontendId();
        Volatile.Write(ref filter.Until, until);
        _state.Set(StateFlags.Traces);
    }

    /// <inheritdoc/>
    public bool IsTakenBack => !_state.Has(StateFlags.Traces);

    /// <inheritdoc/>
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
