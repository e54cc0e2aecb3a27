using System.Net;
using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>From RTM_NEWNEIGH and RTM_DELNEIGH of IPv4 and IPv6 to <see cref="NetworkNeighbour"/>.</summary>
internal static class NetworkNeighbourReader
{
    /// <summary>Reads a neighbour; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkNeighbour? Read(NetlinkMessage message)
    {
        if (message.Type is not (RtnlNeighbours.RTM_NEWNEIGH or RtnlNeighbours.RTM_DELNEIGH))
            return null;
        var header = message.ReadHeader<NdMsg>();
        if (header.Family is not (Libc.AF_INET or Libc.AF_INET6))
            return null;
        IPAddress? address = null;
        var mac = PhysicalAddress.None;
        foreach (var attribute in message.AttributesAfter<NdMsg>())
        {
            switch (attribute.Type)
            {
                case RtnlNeighbours.NDA_DST:
                    address = attribute.AsAddress();
                    break;
                case RtnlNeighbours.NDA_LLADDR:
                    mac = new(attribute.Value.ToArray());
                    break;
                default:
                    break;
            }
        }

        return address is null ? null : new(header.Index, address)
        {
            MacAddress = mac,
            State = (NeighbourStates)header.State,
            IsProxy = (header.Flags & RtnlNeighbours.NTF_PROXY) != 0,
            IsRouter = (header.Flags & RtnlNeighbours.NTF_ROUTER) != 0,
            IsExternallyLearned = (header.Flags & RtnlNeighbours.NTF_EXT_LEARNED) != 0,
        };
    }
}
