using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>What a performance event counts, in the kernel's numbers (<c>perf_event_open(2)</c>).</summary>
/// <param name="Type">Who counts: <c>PERF_TYPE_*</c>, or the number of a device in <c>/sys/bus/event_source/devices/*/type</c>.</param>
/// <param name="Config">Which of the events that it counts.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct PerfEventSource(uint Type, ulong Config)
{
    internal const uint HardwareType = 0;
    internal const uint SoftwareType = 1;
    internal const uint TracepointType = 2;

    /// <summary>Something that the kernel counts; on every machine.</summary>
    /// <param name="counter">What.</param>
    public static PerfEventSource Software(PerfSoftwareCounter counter) => new(SoftwareType, (ulong)counter);

    /// <summary>Something that the processor counts. Virtual machines often have no such counters.</summary>
    /// <param name="counter">What.</param>
    public static PerfEventSource Hardware(PerfHardwareCounter counter) => new(HardwareType, (ulong)counter);

    /// <summary>For example <c>page-faults</c>; <c>msr/0x1</c> of a device.</summary>
    internal string Name => this switch
    {
        { Type: SoftwareType, Config: var c } => WithHyphens(((PerfSoftwareCounter)c).ToString()),
        { Type: HardwareType, Config: var c } => WithHyphens(((PerfHardwareCounter)c).ToString()),
        _ => $"{PerfEventDevices.Find(Type) ?? Type.ToString(CultureInfo.InvariantCulture)}/0x{Config:x}",
    };

    /// <summary>Whether a processor, not the kernel, counts it.</summary>
    internal bool IsOfProcessor => Type is not (SoftwareType or TracepointType);

    /// <summary>What the kernel says that it counts, as it was asked for.</summary>
    internal static PerfEventSource OfKernel(uint type, ulong config) => type switch
    {
        // A newer kernel tells of the two clocks the numbers under which it keeps them: the first that it gives away.
        6 when PerfEventDevices.Find(type) is null or "cpu_clock" => Software(PerfSoftwareCounter.CpuClock),
        7 when PerfEventDevices.Find(type) is null or "task_clock" => Software(PerfSoftwareCounter.TaskClock),
        _ => new(type, config),
    };

    // PageFaults: page-faults
    private static string WithHyphens(string name) =>
        string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? $"{(i > 0 ? "-" : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}

/// <summary>What the kernel counts (<c>enum perf_sw_ids</c>). Minimum kernel: 2.6.31, unless told otherwise.</summary>
public enum PerfSoftwareCounter
{
    /// <summary>Time of the CPU, in nanoseconds.</summary>
    CpuClock = 0,

    /// <summary>Time in which the thread ran, in nanoseconds.</summary>
    TaskClock = 1,

    /// <summary>Page faults.</summary>
    PageFaults = 2,

    /// <summary>Changes from one thread to another.</summary>
    ContextSwitches = 3,

    /// <summary>Moves of a thread to another CPU.</summary>
    CpuMigrations = 4,

    /// <summary>Page faults for which nothing was read from disk.</summary>
    MinorPageFaults = 5,

    /// <summary>Page faults for which something was read from disk.</summary>
    MajorPageFaults = 6,

    /// <summary>Accesses that the kernel had to align.</summary>
    AlignmentFaults = 7,

    /// <summary>Instructions that the kernel had to emulate.</summary>
    EmulationFaults = 8,

    /// <summary>Changes from a thread to one of another cgroup. Minimum kernel: 5.13.</summary>
    CgroupSwitches = 11,
}

/// <summary>What processors count (<c>enum perf_hw_id</c>). Minimum kernel: 2.6.31.</summary>
public enum PerfHardwareCounter
{
    /// <summary>Cycles; their length varies.</summary>
    CpuCycles = 0,

    /// <summary>Instructions that were retired.</summary>
    Instructions = 1,

    /// <summary>Accesses to a cache, as a rule the last level.</summary>
    CacheReferences = 2,

    /// <summary>Accesses that missed it.</summary>
    CacheMisses = 3,

    /// <summary>Branches that were retired.</summary>
    BranchInstructions = 4,

    /// <summary>Branches that were predicted wrongly.</summary>
    BranchMisses = 5,

    /// <summary>Cycles of the bus.</summary>
    BusCycles = 6,

    /// <summary>Cycles in which nothing could be issued.</summary>
    StalledCyclesFrontend = 7,

    /// <summary>Cycles in which nothing could be retired.</summary>
    StalledCyclesBackend = 8,

    /// <summary>Cycles of a clock that does not change.</summary>
    ReferenceCpuCycles = 9,
}
