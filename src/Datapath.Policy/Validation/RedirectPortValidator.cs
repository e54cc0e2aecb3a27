using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks that the ports of all redirect policies have in common.</summary>
internal static class RedirectPortValidator
{
    public static void Validate(ReadOnlySpan<RedirectPort> ports, string list, bool needNames, string whyNames, IssueList issues)
    {
        for (var i = 0; i < ports.Length; i++)
        {
            var port = ports[i];
            ValidateNumber(port.Port, $"{list}[{i}].port", issues);
            ValidateProtocol(port.Protocol, $"{list}[{i}].protocol", issues);
            if (port.Name.Length == 0 && needNames)
                issues.Error($"{list}[{i}].name", null, $"is required when {whyNames}");
            else if (port.Name.Length > 0 && !NameRules.IsPortName(port.Name))
                issues.Error($"{list}[{i}].name", port.Name, NameRules.PortNameRule);
        }
    }

    /// <summary>Reports ports that are in the list under two names: only one of them could decide.</summary>
    public static void ValidateOneName(ReadOnlySpan<RedirectPort> ports, string list, IssueList issues)
    {
        if (ports.Length < 2)
            return;
        var seen = new Dictionary<(int, L4Protocol), int>();
        for (var i = 0; i < ports.Length; i++)
        {
            var key = (ports[i].Port, ports[i].Protocol);
            if (!seen.TryAdd(key, i) && !ports[seen[key]].Name.Equals(ports[i].Name, StringComparison.OrdinalIgnoreCase))
            {
                issues.Error(
                    $"{list}[{i}].port", ports[i].Port.ToString(CultureInfo.InvariantCulture),
                    $"is already in {list}[{seen[key]}], of the same protocol under another name");
            }
        }
    }

    public static void ValidateNumber(int port, string field, IssueList issues)
    {
        if (port is < 1 or > 65535)
            issues.Error(field, port.ToString(CultureInfo.InvariantCulture), "must be 1 to 65535");
    }

    public static void ValidateProtocol(L4Protocol protocol, string field, IssueList issues)
    {
        if (protocol is not (L4Protocol.Tcp or L4Protocol.Udp))
            issues.Error(field, protocol.ToString().ToUpperInvariant(), "must be TCP or UDP");
    }
}
