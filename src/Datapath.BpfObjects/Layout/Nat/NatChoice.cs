using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Addresses of which a source gets one, always the same while there are as many; none: that of its route, or the device's own.</summary>
[KernelType("dp_nat_choice")]
[StructLayout(LayoutKind.Sequential)]
public struct NatChoice
{
    /// <summary>How many IPv4 addresses there are.</summary>
    public uint Count4;

    /// <summary>How many IPv6 addresses there are.</summary>
    public uint Count6;

    /// <summary>Whether the address is that of the route if there is none here: 0 or 1.</summary>
    public uint AsksRoute;

    /// <summary>0.</summary>
    public uint Pad;

    /// <summary>The IPv4 addresses.</summary>
    public NatAddresses4 Addresses4;

    /// <summary>The IPv6 addresses.</summary>
    public NatAddresses6 Addresses6;
}

/// <summary>The IPv4 addresses of a choice.</summary>
[InlineArray((int)NatLimits.ChoiceAddresses)]
public struct NatAddresses4
{
    private Ip4 _first;
}

/// <summary>The IPv6 addresses of a choice.</summary>
[InlineArray((int)NatLimits.ChoiceAddresses)]
public struct NatAddresses6
{
    private Ip6 _first;
}
