namespace Datapath.Linux;

/// <summary>Protocols of IP and types of ICMP, as the IANA numbers them.</summary>
internal static class IPNumbers
{
    internal const byte Icmp = 1;
    internal const byte Tcp = 6;
    internal const byte Udp = 17;
    internal const byte IcmpV6 = 58;

    internal const byte EchoReply = 0;
    internal const byte Echo = 8;
    internal const byte EchoV6 = 128;
    internal const byte EchoReplyV6 = 129;
}
