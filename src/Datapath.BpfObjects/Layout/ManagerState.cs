using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What the manager keeps for its next start.</summary>
[KernelType("dp_state")]
[StructLayout(LayoutKind.Sequential)]
public record struct ManagerState
{
    /// <summary>The version of the layouts; 0 in a new map.</summary>
    public uint LayoutVersion;

    /// <summary>The process that holds the lock, by its own PID namespace.</summary>
    public uint OwnerPid;

    /// <summary>The identifier that the next new frontend gets; 0 in a new map.</summary>
    public uint NextFrontendId;

    /// <summary>The identifier that the next new backend gets; 0 in a new map.</summary>
    public uint NextBackendId;

    /// <summary>Raised before and after frontends are written, so it is odd while they are. The programs read it.</summary>
    public uint FrontendWrites;

    /// <summary>What dials must look after beside their frontend. The programs read it.</summary>
    public StateFlags Flags;
}

/// <summary>What dials must look after beside their frontend.</summary>
[Flags]
[KernelType("dp_state_flags")]
public enum StateFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Some clients' dials are left alone.</summary>
    HasExemptions = 1,

    /// <summary>Some of these clients are told by their cgroup.</summary>
    ExemptsCgroups = 2,

    /// <summary>What is no frontend may lie in a range.</summary>
    HasRanges = 4,

    /// <summary>Somebody listens.</summary>
    Traces = 8,
}

/// <summary>The version of the layouts.</summary>
[KernelType("dp_layout")]
public enum LayoutVersion
{
    /// <summary>The version of this package.</summary>
    Version = 2,
}
