using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>From RTM_NEWRULE and RTM_DELRULE to <see cref="NetworkRule"/>.</summary>
internal static class NetworkRuleReader
{
    /// <summary>Reads a rule; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkRule? Read(NetlinkMessage message)
    {
        if (message.Type is not (RtnlRules.RTM_NEWRULE or RtnlRules.RTM_DELRULE))
            return null;
        var header = message.ReadHeader<FibRuleHdr>();
        if (header.Family is not (Libc.AF_INET or Libc.AF_INET6))
            return null; // rules of multicast routing have families of their own
        var isIpv4 = header.Family is Libc.AF_INET;
        var any = isIpv4 ? IPAddress.Any : IPAddress.IPv6Any;
        var rule = new NetworkRule(isIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6)
        {
            Priority = 0, // which the kernel does not write
            Action = (NetworkRuleAction)header.Action,
            Table = header.Table,
            IsInverted = (header.Flags & RtnlRules.FIB_RULE_INVERT) != 0,
            From = header.SourceLength > 0 ? ReadPrefix(any, header.SourceLength) : null,
            To = header.DestinationLength > 0 ? ReadPrefix(any, header.DestinationLength) : null,
        };
        foreach (var attribute in message.AttributesAfter<FibRuleHdr>())
        {
            rule = attribute.Type switch
            {
                RtnlRules.FRA_PRIORITY => rule with { Priority = attribute.As<uint>() },
                RtnlRules.FRA_TABLE => rule with { Table = attribute.As<uint>() },
                RtnlRules.FRA_SRC => rule with { From = ReadPrefix(attribute.AsAddress(), header.SourceLength) },
                RtnlRules.FRA_DST => rule with { To = ReadPrefix(attribute.AsAddress(), header.DestinationLength) },
                RtnlRules.FRA_IIFNAME => rule with { InputInterface = attribute.AsString() },
                RtnlRules.FRA_OIFNAME => rule with { OutputInterface = attribute.AsString() },
                RtnlRules.FRA_FWMARK => rule with { Mark = attribute.As<uint>() },
                RtnlRules.FRA_FWMASK => rule with { MarkMask = attribute.As<uint>() },
                RtnlRules.FRA_UID_RANGE => rule with { UserIds = attribute.As<UserIdRange>() },
                RtnlRules.FRA_IP_PROTO => rule with { IpProtocol = attribute.As<byte>() },
                RtnlRules.FRA_SPORT_RANGE => rule with { SourcePorts = attribute.As<PortRange>() },
                RtnlRules.FRA_DPORT_RANGE => rule with { DestinationPorts = attribute.As<PortRange>() },
                RtnlRules.FRA_PROTOCOL => rule with { Protocol = attribute.As<byte>() },

                // All bits set is how the kernel says "none".
                RtnlRules.FRA_SUPPRESS_PREFIXLEN => rule with { SuppressedPrefixLength = attribute.As<int>() is >= 0 and var length ? length : null },
                _ => rule,
            };
        }

        return rule;
    }

    private static RulePrefix ReadPrefix(IPAddress address, byte length) => length <= (address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128)
        ? new(address, length)
        : throw new NetlinkFormatException($"'{address}/{length}' is not a prefix");
}
