using System.Buffers.Binary;
using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>From RTM_NEWNEIGH and RTM_DELNEIGH of AF_BRIDGE to <see cref="ForwardingEntry"/>.</summary>
internal static class ForwardingEntryReader
{
    /// <summary>Reads an entry; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static ForwardingEntry? Read(NetlinkMessage message)
    {
        if (message.Type is not (RtnlNeighbours.RTM_NEWNEIGH or RtnlNeighbours.RTM_DELNEIGH))
            return null;
        var header = message.ReadHeader<NdMsg>();
        if (header.Family is not RtnlNeighbours.AF_BRIDGE)
            return null;
        var entry = new ForwardingEntry(header.Index, PhysicalAddress.None)
        {
            State = (NeighbourStates)header.State,
            IsExternallyLearned = (header.Flags & RtnlNeighbours.NTF_EXT_LEARNED) != 0,
        };
        foreach (var attribute in message.AttributesAfter<NdMsg>())
        {
            entry = attribute.Type switch
            {
                RtnlNeighbours.NDA_LLADDR => entry with { MacAddress = new PhysicalAddress(attribute.Value.ToArray()) },
                RtnlNeighbours.NDA_DST => entry with { Remote = attribute.AsAddress() },
                RtnlNeighbours.NDA_PORT => entry with { RemotePort = BinaryPrimitives.ReverseEndianness(attribute.As<ushort>()) },
                RtnlNeighbours.NDA_VNI => entry with { RemoteNetworkId = attribute.As<int>() },
                RtnlNeighbours.NDA_VLAN => entry with { VlanId = attribute.As<ushort>() },
                RtnlNeighbours.NDA_MASTER => entry with { BridgeIndex = attribute.As<int>() },
                _ => entry,
            };
        }

        // The interface's own entries carry NTF_SELF, and may name the bridge above all the same.
        return (header.Flags & RtnlNeighbours.NTF_SELF) != 0 ? entry with { BridgeIndex = 0 } : entry with { IsOfBridge = entry.BridgeIndex > 0 };
    }
}
