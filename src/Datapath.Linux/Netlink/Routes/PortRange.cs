using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>Ports of a routing rule, the last among them. The kernel takes 1 to 65534.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[StructLayout(LayoutKind.Sequential)] // struct fib_rule_port_range
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>For example <c>8000-8999</c>.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
