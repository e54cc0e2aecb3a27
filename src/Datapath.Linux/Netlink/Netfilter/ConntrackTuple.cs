using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>One direction of a connection that the kernel follows.</summary>
/// <param name="Source">Where its packets come from. Of an echo of ICMP both ports are the identifier.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Protocol">The IANA protocol number.</param>
internal sealed record ConntrackTuple(IPEndPoint Source, IPEndPoint Destination, byte Protocol)
{
    /// <summary>Writes it as the kernel reads it.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="type">Which direction it is to the kernel.</param>
    /// <param name="isAnswer">Whether its packets are answers: of echoes, that is another type.</param>
    internal void Write(ref NetlinkWriter request, ushort type, bool isAnswer = false)
    {
        var isIPv4 = Source.AddressFamily is AddressFamily.InterNetwork;
        var tuple = request.BeginNested(type);
        var addresses = request.BeginNested(Ctnl.CTA_TUPLE_IP);
        request.Add(isIPv4 ? Ctnl.CTA_IP_V4_SRC : Ctnl.CTA_IP_V6_SRC, Source.Address);
        request.Add(isIPv4 ? Ctnl.CTA_IP_V4_DST : Ctnl.CTA_IP_V6_DST, Destination.Address);
        request.EndNested(addresses);
        var ends = request.BeginNested(Ctnl.CTA_TUPLE_PROTO);
        request.Add(Ctnl.CTA_PROTO_NUM, Protocol);
        if (Protocol == IPNumbers.Icmp)
        {
            request.AddBigEndian(Ctnl.CTA_PROTO_ICMP_ID, (ushort)Source.Port);
            request.Add(Ctnl.CTA_PROTO_ICMP_TYPE, isAnswer ? IPNumbers.EchoReply : IPNumbers.Echo);
            request.Add(Ctnl.CTA_PROTO_ICMP_CODE, (byte)0);
        }
        else if (Protocol == IPNumbers.IcmpV6)
        {
            request.AddBigEndian(Ctnl.CTA_PROTO_ICMPV6_ID, (ushort)Source.Port);
            request.Add(Ctnl.CTA_PROTO_ICMPV6_TYPE, isAnswer ? IPNumbers.EchoReplyV6 : IPNumbers.EchoV6);
            request.Add(Ctnl.CTA_PROTO_ICMPV6_CODE, (byte)0);
        }
        else
        {
            request.AddBigEndian(Ctnl.CTA_PROTO_SRC_PORT, (ushort)Source.Port);
            request.AddBigEndian(Ctnl.CTA_PROTO_DST_PORT, (ushort)Destination.Port);
        }

        request.EndNested(ends);
        request.EndNested(tuple);
    }

    /// <exception cref="NetlinkFormatException">An address is missing.</exception>
    internal static ConntrackTuple Read(NetlinkAttribute tuple)
    {
        IPAddress? source = null, destination = null;
        byte protocol = 0;
        ushort sourcePort = 0, destinationPort = 0;
        foreach (var part in tuple.Nested())
        {
            foreach (var attribute in part.Nested())
            {
                switch (part.Type, attribute.Type)
                {
                    case (Ctnl.CTA_TUPLE_IP, Ctnl.CTA_IP_V4_SRC or Ctnl.CTA_IP_V6_SRC):
                        source = attribute.AsAddress();
                        break;
                    case (Ctnl.CTA_TUPLE_IP, Ctnl.CTA_IP_V4_DST or Ctnl.CTA_IP_V6_DST):
                        destination = attribute.AsAddress();
                        break;
                    case (Ctnl.CTA_TUPLE_PROTO, Ctnl.CTA_PROTO_NUM):
                        protocol = attribute.As<byte>();
                        break;
                    case (Ctnl.CTA_TUPLE_PROTO, Ctnl.CTA_PROTO_SRC_PORT):
                        sourcePort = attribute.AsBigEndian<ushort>();
                        break;
                    case (Ctnl.CTA_TUPLE_PROTO, Ctnl.CTA_PROTO_DST_PORT):
                        destinationPort = attribute.AsBigEndian<ushort>();
                        break;
                    case (Ctnl.CTA_TUPLE_PROTO, Ctnl.CTA_PROTO_ICMP_ID or Ctnl.CTA_PROTO_ICMPV6_ID):
                        sourcePort = destinationPort = attribute.AsBigEndian<ushort>();
                        break;
                    default:
                        break;
                }
            }
        }

        return source is null || destination is null
            ? throw new NetlinkFormatException("a connection has no addresses")
            : new(new(source, sourcePort), new(destination, destinationPort), protocol);
    }
}
