namespace Datapath.Linux;

/// <summary>linux/if_link.h: what IFLA_INFO_DATA holds for each kind of virtual interface.</summary>
internal static class RtnlLinkKinds
{
    internal const ushort IFLA_VXLAN_ID = 1;
    internal const ushort IFLA_VXLAN_GROUP = 2;
    internal const ushort IFLA_VXLAN_LINK = 3;
    internal const ushort IFLA_VXLAN_LOCAL = 4;
    internal const ushort IFLA_VXLAN_LEARNING = 7;
    internal const ushort IFLA_VXLAN_PORT = 15;
    internal const ushort IFLA_VXLAN_GROUP6 = 16;
    internal const ushort IFLA_VXLAN_LOCAL6 = 17;
    internal const ushort IFLA_VXLAN_COLLECT_METADATA = 25;

    internal const ushort IFLA_MACVLAN_MODE = 1;

    internal const ushort IFLA_VLAN_ID = 1;
}
