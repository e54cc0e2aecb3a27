using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>Users of a routing rule, by number, the last among them.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[StructLayout(LayoutKind.Sequential)] // struct fib_rule_uid_range
public readonly record struct UserIdRange(uint First, uint Last)
{
    /// <summary>For example <c>1000-1999</c>.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
