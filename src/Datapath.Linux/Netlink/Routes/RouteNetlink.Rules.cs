using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Adds a routing rule.</summary>
    /// <exception cref="NetlinkException">There is the same rule (EEXIST), or the kernel refused for another reason.</exception>
    public void AddRule(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var request = RuleRequest(
            stackalloc byte[RequestLength], RtnlRules.RTM_NEWRULE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, rule with { Table = rule.Table ?? NetworkRoute.MainTable });
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"add {Describe(rule)}");
    }

    /// <summary>Deletes the first routing rule with all that is set. One of the kernel's own, too: without them the machine cannot be reached.</summary>
    /// <exception cref="NetlinkException">There is none (ENOENT).</exception>
    public void DeleteRule(NetworkRule rule)
    {
        var request = RuleRequest(stackalloc byte[RequestLength], RtnlRules.RTM_DELRULE, flags: 0, rule);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete {Describe(rule)}");
    }

    /// <summary>The routing rules, those of IPv4 before those of IPv6, and each in the order in which they are asked.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkRule> ListRules() => [.. ListRules(Libc.AF_INET), .. ListRules(Libc.AF_INET6)];

    private static NetlinkWriter RuleRequest(Span<byte> buffer, ushort type, ushort flags, NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfNegative(rule.SuppressedPrefixLength ?? 0, nameof(rule));
        var family = rule.Family switch
        {
            AddressFamily.InterNetwork => Libc.AF_INET,
            AddressFamily.InterNetworkV6 => Libc.AF_INET6,
            _ => throw new ArgumentException($"there are no rules of {rule.Family}", nameof(rule)),
        };
        RequirePrefix(rule.From, (byte)family, "source");
        RequirePrefix(rule.To, (byte)family, "destination");
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new FibRuleHdr
        {
            Family = (byte)family,
            SourceLength = (byte)(rule.From?.Length ?? 0),
            DestinationLength = (byte)(rule.To?.Length ?? 0),
            Action = (byte)rule.Action,
            Flags = rule.IsInverted ? RtnlRules.FIB_RULE_INVERT : 0,
        });
        AddPrefix(ref request, RtnlRules.FRA_SRC, rule.From);
        AddPrefix(ref request, RtnlRules.FRA_DST, rule.To);
        if (rule.Priority is { } priority)
            request.Add(RtnlRules.FRA_PRIORITY, priority);
        if (rule.Table is > 0 and { } table && rule.Action is NetworkRuleAction.Lookup)
            request.Add(RtnlRules.FRA_TABLE, table);
        if (rule.InputInterface is { } input)
            request.Add(RtnlRules.FRA_IIFNAME, input);
        if (rule.OutputInterface is { } output)
            request.Add(RtnlRules.FRA_OIFNAME, output);
        if (rule.MarkMask > 0)
        {
            request.Add(RtnlRules.FRA_FWMARK, rule.Mark);
            request.Add(RtnlRules.FRA_FWMASK, rule.MarkMask);
        }

        if (rule.SuppressedPrefixLength is { } length)
            request.Add(RtnlRules.FRA_SUPPRESS_PREFIXLEN, length);
        if (rule.UserIds is { } users)
            request.Add(RtnlRules.FRA_UID_RANGE, users);
        if (rule.IpProtocol > 0)
            request.Add(RtnlRules.FRA_IP_PROTO, rule.IpProtocol);
        if (rule.SourcePorts is { } from)
            request.Add(RtnlRules.FRA_SPORT_RANGE, from);
        if (rule.DestinationPorts is { } to)
            request.Add(RtnlRules.FRA_DPORT_RANGE, to);
        if (rule.Protocol > 0)
            request.Add(RtnlRules.FRA_PROTOCOL, rule.Protocol);
        return request;
    }

    // What tells a rule from others, as far as it is set.
    private static string Describe(NetworkRule rule)
    {
        List<string> conditions = [rule.Family is AddressFamily.InterNetwork ? "IPv4" : "IPv6"];
        if (rule.IsInverted)
            conditions.Add("not");
        if (rule.From is { } from)
            conditions.Add($"from {from}");
        if (rule.To is { } to)
            conditions.Add($"to {to}");
        if (rule.MarkMask > 0)
            conditions.Add($"mark 0x{rule.Mark:x}/0x{rule.MarkMask:x}");
        if (rule.InputInterface is { } input)
            conditions.Add($"in by {input}");
        if (rule.OutputInterface is { } output)
            conditions.Add($"out by {output}");
        if (rule.Action is not NetworkRuleAction.Lookup)
            conditions.Add($"{rule.Action}");
        else if (rule.Table is { } table)
            conditions.Add($"table {table}");
        return $"the rule {(rule.Priority is { } priority ? $"of priority {priority} " : "")}({string.Join(", ", conditions)})";
    }

    private static void RequirePrefix(RulePrefix? prefix, byte family, string what)
    {
        if (prefix is null)
            return;
        ArgumentNullException.ThrowIfNull(prefix.Address, nameof(prefix));
        RequireFamily(prefix.Address, family, what, "rule");
        ArgumentOutOfRangeException.ThrowIfNegative(prefix.Length, nameof(prefix));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefix.Length, family is Libc.AF_INET ? 32 : 128, nameof(prefix));
    }

    private static void AddPrefix(ref NetlinkWriter request, ushort type, RulePrefix? prefix)
    {
        if (prefix is { Length: > 0 })
            request.Add(type, prefix.Address);
    }

    private List<NetworkRule> ListRules(byte family)
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlRules.RTM_GETRULE);
        request.Add(new FibRuleHdr { Family = family });
        return List(ref request, message => NetworkRuleReader.Read(message) is { } rule && FamilyMatches(rule, family) ? rule : null, "routing rules");
    }

    // A kernel without the rules of a family answers with those of all others.
    private static bool FamilyMatches(NetworkRule rule, byte family) => rule.Family is AddressFamily.InterNetwork == family is Libc.AF_INET;
}
