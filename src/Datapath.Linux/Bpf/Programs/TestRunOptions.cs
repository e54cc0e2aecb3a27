namespace Datapath.Linux.Bpf;

/// <summary>What <see cref="BpfProgram.TestRun"/> gives a program and takes back.</summary>
/// <remarks>Minimum kernel: 4.12; with a context 5.2.</remarks>
public sealed record TestRunOptions
{
    /// <summary>Far above any packet that the kernel makes.</summary>
    internal const int MaxDataCapacity = 1 << 24;

    /// <summary>
    /// The packet, from the Ethernet header on; at least 14 bytes for kinds that see packets. The default is none, as kinds without packets want it.
    /// </summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>
    /// The room for the packet as the program leaves it, in bytes. The default is the packet and 256 more; 0 for kinds without packets.
    /// At most 16 MiB, far more than any packet has.
    /// </summary>
    public int? DataCapacity { get; init; }

    /// <summary>
    /// The context, in the layout of the program's kind: for tc <c>struct __sk_buff</c>, for XDP <c>struct xdp_md</c>, for socket
    /// lookup <c>struct bpf_sk_lookup</c>, for raw tracepoints the arguments (8 bytes each), for syscall whatever the program takes. The default is none: the kernel makes one.
    /// </summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>How often to run it on the same packet; the duration is the mean. The default is once. At least 1; for raw tracepoints and syscall programs only 1.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>
    /// The CPU on which it runs, for raw tracepoints only. The default, <see langword="null"/>, is the one of the caller. Minimum kernel: 5.10.
    /// </summary>
    public int? Cpu { get; init; }
}
