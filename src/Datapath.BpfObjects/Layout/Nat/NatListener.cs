using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>
/// What a listener of egress NAT wants to hear; the kinds of it are in <see cref="NatState.Hears"/>. A field that is 0 filters nothing, but for
/// <see cref="Until"/> and <see cref="PacketsPerSecond"/>.
/// </summary>
[KernelType("dp_nat_listener")]
[StructLayout(LayoutKind.Sequential)]
public struct NatListener
{
    /// <summary>Until when, in nanoseconds on the coarse monotonic clock.</summary>
    public ulong Until;

    /// <summary>The source's range. IPv4 is mapped.</summary>
    public Ip6 Source;

    /// <summary>The bits of it that count.</summary>
    public Ip6 SourceMask;

    /// <summary>The destination's range.</summary>
    public Ip6 Destination;

    /// <summary>The bits of it that count.</summary>
    public Ip6 DestinationMask;

    /// <summary>4 or 6.</summary>
    public uint Family;

    /// <summary>The IANA protocol number.</summary>
    public uint Protocol;

    /// <summary>How many packets of each reason are told in a second on each processor.</summary>
    public uint PacketsPerSecond;

    /// <summary>The listener, by its own PID namespace. The programs do not read it.</summary>
    public uint Pid;
}
