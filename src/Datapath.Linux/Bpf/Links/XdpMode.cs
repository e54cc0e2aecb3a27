namespace Datapath.Linux.Bpf;

/// <summary>Who runs an XDP program. The numbers are the kernel's flags.</summary>
/// <remarks>Minimum kernel: 5.9.</remarks>
public enum XdpMode
{
    /// <summary>The driver if it can, else the stack.</summary>
    Any = 0,

    /// <summary>The stack, after it has made a packet buffer: any interface can, slower.</summary>
    Generic = 1 << 1,

    /// <summary>The driver, before there is a packet buffer. EOPNOTSUPP if it cannot.</summary>
    Native = 1 << 2,
}
