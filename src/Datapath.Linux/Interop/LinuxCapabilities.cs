namespace Datapath.Linux;

/// <summary>The capabilities that eBPF and networking ask for; see capabilities(7). The values are the kernel's bits.</summary>
/// <remarks>Minimum kernel: 5.8 for <see cref="PerfMon"/> and <see cref="Bpf"/>, before which <see cref="SysAdmin"/> stands for both.</remarks>
[Flags]
public enum LinuxCapabilities : ulong
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>CAP_NET_ADMIN: interfaces, routes, and programs that decide on packets and sockets.</summary>
    NetAdmin = 1UL << 12,

    /// <summary>CAP_SYS_ADMIN: mounts, objects by number; contains <see cref="Bpf"/> and <see cref="PerfMon"/>.</summary>
    SysAdmin = 1UL << 21,

    /// <summary>CAP_SYS_RESOURCE: raising limits.</summary>
    SysResource = 1UL << 24,

    /// <summary>CAP_SYSLOG: addresses of the kernel.</summary>
    SysLog = 1UL << 34,

    /// <summary>CAP_PERFMON: programs that look into the kernel's memory.</summary>
    PerfMon = 1UL << 38,

    /// <summary>CAP_BPF: maps, types, and programs of every kind.</summary>
    Bpf = 1UL << 39,
}
