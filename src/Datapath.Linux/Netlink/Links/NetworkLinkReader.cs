using System.Buffers.Binary;
using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>From RTM_NEWLINK and RTM_DELLINK to <see cref="NetworkLink"/>.</summary>
internal static class NetworkLinkReader
{
    /// <summary>Reads an interface; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkLink? Read(NetlinkMessage message)
    {
        if (message.Type is not (Rtnl.RTM_NEWLINK or Rtnl.RTM_DELLINK))
            return null;
        var header = message.ReadHeader<IfInfoMsg>();
        if (header.Family is not Libc.AF_UNSPEC)
            return null; // of another family: a port that leaves its bridge is told as a deleted interface of AF_BRIDGE
        var link = new NetworkLink { Index = header.Index, Name = "", Flags = header.Flags };
        foreach (var attribute in message.AttributesAfter<IfInfoMsg>())
        {
            link = attribute.Type switch
            {
                Rtnl.IFLA_IFNAME => link with { Name = attribute.AsString() },
                Rtnl.IFLA_MTU => link with { Mtu = attribute.As<int>() },
                Rtnl.IFLA_ADDRESS => link with { MacAddress = new PhysicalAddress(attribute.Value.ToArray()) },
                Rtnl.IFLA_MASTER => link with { MasterIndex = attribute.As<int>() },
                Rtnl.IFLA_LINK => link with { LinkedIndex = attribute.As<int>() },
                Rtnl.IFLA_LINK_NETNSID => link with { LinkedNamespaceId = attribute.As<int>() },
                Rtnl.IFLA_OPERSTATE => link with { OperationalState = (NetworkOperationalState)attribute.As<byte>() },
                Rtnl.IFLA_GROUP => link with { Group = attribute.As<uint>() },
                Rtnl.IFLA_XDP => link with { XdpProgramId = ReadXdp(attribute) },
                Rtnl.IFLA_LINKINFO => ReadInfo(link, attribute),
                _ => link,
            };
        }

        return link;
    }

    /// <summary>Reads the counters of an interface; all 0 if the message has none.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkLinkStatistics ReadStatistics(NetlinkMessage message)
    {
        if (message.Type is not Rtnl.RTM_NEWLINK)
            return default;
        foreach (var attribute in message.AttributesAfter<IfInfoMsg>())
        {
            if (attribute.Type is Rtnl.IFLA_STATS64)
            {
                var raw = attribute.As<RtnlLinkStats64>();
                return new(
                    raw.RxPackets, raw.TxPackets, raw.RxBytes, raw.TxBytes, raw.RxErrors, raw.TxErrors, raw.RxDropped, raw.TxDropped, raw.Multicast);
            }
        }

        return default;
    }

    // One attribute per place where a program can run; the first is left out if there are several.
    private static uint ReadXdp(NetlinkAttribute xdp)
    {
        uint program = 0;
        foreach (var attribute in xdp.Nested())
        {
            if (attribute.Type is Rtnl.IFLA_XDP_PROG_ID)
                return attribute.As<uint>();
            if (attribute.Type is Rtnl.IFLA_XDP_DRV_PROG_ID or Rtnl.IFLA_XDP_SKB_PROG_ID or Rtnl.IFLA_XDP_HW_PROG_ID && program == 0)
                program = attribute.As<uint>();
        }

        return program;
    }

    private static NetworkLink ReadInfo(NetworkLink link, NetlinkAttribute info)
    {
        foreach (var attribute in info.Nested())
        {
            // The kernel writes the kind before the data, whose meaning depends on it.
            link = (attribute.Type, link.Kind) switch
            {
                (Rtnl.IFLA_INFO_KIND, _) => link with { Kind = attribute.AsString() },
                (Rtnl.IFLA_INFO_DATA, "vxlan") => link with { Vxlan = ReadVxlan(attribute) },
                (Rtnl.IFLA_INFO_DATA, "macvlan") => link with { MacvlanMode = ReadMacvlan(attribute) },
                (Rtnl.IFLA_INFO_DATA, "vlan") => link with { VlanId = ReadVlan(attribute) },
                _ => link,
            };
        }

        return link;
    }

    private static VxlanOptions ReadVxlan(NetlinkAttribute data)
    {
        var options = new VxlanOptions();
        foreach (var attribute in data.Nested())
        {
            options = attribute.Type switch
            {
                RtnlLinkKinds.IFLA_VXLAN_ID => options with { Id = attribute.As<int>() },
                RtnlLinkKinds.IFLA_VXLAN_LINK => options with { LowerIndex = attribute.As<int>() },
                RtnlLinkKinds.IFLA_VXLAN_LOCAL or RtnlLinkKinds.IFLA_VXLAN_LOCAL6 => options with { Local = attribute.AsAddress() },
                RtnlLinkKinds.IFLA_VXLAN_GROUP or RtnlLinkKinds.IFLA_VXLAN_GROUP6 => options with { Remote = attribute.AsAddress() },
                RtnlLinkKinds.IFLA_VXLAN_PORT => options with { Port = BinaryPrimitives.ReverseEndianness(attribute.As<ushort>()) },
                RtnlLinkKinds.IFLA_VXLAN_LEARNING => options with { IsLearning = attribute.As<byte>() != 0 },
                RtnlLinkKinds.IFLA_VXLAN_COLLECT_METADATA => options with { CollectsMetadata = attribute.As<byte>() != 0 },
                _ => options,
            };
        }

        return options;
    }

    private static MacvlanMode? ReadMacvlan(NetlinkAttribute data)
    {
        foreach (var attribute in data.Nested())
        {
            if (attribute.Type is RtnlLinkKinds.IFLA_MACVLAN_MODE)
                return (MacvlanMode)attribute.As<int>();
        }

        return null;
    }

    private static int? ReadVlan(NetlinkAttribute data)
    {
        foreach (var attribute in data.Nested())
        {
            if (attribute.Type is RtnlLinkKinds.IFLA_VLAN_ID)
                return attribute.As<ushort>();
        }

        return null;
    }
}
