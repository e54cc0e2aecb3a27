using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A client that has another set of a frontend's backends than most.</summary>
[KernelType("dp_client_key")]
[StructLayout(LayoutKind.Sequential)]
public record struct ClientKey
{
    /// <summary>In <see cref="Client"/>: it is a cgroup.</summary>
    public const ulong CgroupBit = 1UL << 63;

    /// <summary>The cookie of a network namespace, or the id of a cgroup with <see cref="CgroupBit"/>.</summary>
    public ulong Client;

    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>0.</summary>
    public uint Pad;

    /// <summary>The tag of the key, as the programs make it.</summary>
    public readonly ushort Tag => FrontendValue.Tag((uint)Client ^ (uint)(Client >> 32) ^ FrontendId, 0, 0);
}

/// <summary>Limits of what is known of clients.</summary>
[KernelType("dp_client_limits")]
public enum ClientLimits
{
    /// <summary>Cgroups that lie deeper belong to the client that they lie in.</summary>
    CgroupLevels = 16,

    /// <summary>Bits of the number of a set.</summary>
    SetBits = 6,
}
