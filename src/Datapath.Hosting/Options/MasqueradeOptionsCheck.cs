using System.Collections.Frozen;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Checks the options of masquerading; mistakes that the compiler finds are told by the keys that they come from.</summary>
internal static class MasqueradeOptionsCheck
{
    private const int MostFlows = 1 << 23;

    private static readonly FrozenDictionary<string, string> s_keys = new Dictionary<string, string>
    {
        [nameof(MasqueradeConfiguration.Addresses)] = "masquerade:addresses",
        [nameof(MasqueradeConfiguration.AddressSource)] = "masquerade:addressSource",
        [nameof(MasqueradeConfiguration.Interfaces)] = "masquerade:interfaces",
        [nameof(MasqueradeConfiguration.IPv4NativeRoutingCidr)] = "ipv4NativeRoutingCIDR",
        [nameof(MasqueradeConfiguration.IPv6NativeRoutingCidr)] = "ipv6NativeRoutingCIDR",
        [nameof(MasqueradeConfiguration.MasqueradeCidrs)] = "masquerade:masqueradeCIDRs",
        [nameof(MasqueradeConfiguration.NonMasquerade)] = "masquerade:nonMasqueradeCIDRs",
        [nameof(MasqueradeConfiguration.PodCidrs)] = "masquerade:podCIDRs",
        [nameof(MasqueradeConfiguration.Pools)] = "masquerade:pools",
        [nameof(MasqueradeConfiguration.RemoteNodes)] = "masquerade:remoteNodes",
        [nameof(MasqueradeConfiguration.Sources)] = "masquerade:sources",
    }.ToFrozenDictionary();

    public static IEnumerable<string> Check(MasqueradeOptions options)
    {
        IEnumerable<string?> choices =
        [
            OptionWords.OfChoice("masquerade:engine", options.Engine),
            OptionWords.OfChoice("masquerade:portMapping", options.PortMapping),
            OptionWords.OfChoice("masquerade:untranslatable", options.Untranslatable),
            OptionWords.OfChoice("masquerade:addressSource", options.AddressSource),
            OptionWords.OfChoice("masquerade:remoteNodes", options.RemoteNodes),
        ];
        foreach (var mistake in choices.OfType<string>())
            yield return mistake;
        if (options is { Engine: MasqueradeEngine.Nftables, ReservedPorts.Count: > 0 })
            yield return "masquerade:reservedPorts: must be empty: the nftables engine knows none; see net.ipv4.ip_local_reserved_ports";
        if (options is { Engine: MasqueradeEngine.Nftables, PortMapping: PortMapping.EndpointIndependent })
            yield return "masquerade:portMapping: must be endpointDependent: the nftables engine leaves ports to the kernel, which gives them by peer; set masquerade:engine to ebpf";
        if (options is { Engine: MasqueradeEngine.Nftables, MappingLog: not null })
            yield return "masquerade:mappingLog: must be empty: the nftables engine leaves mappings to the kernel, which tells nobody here; set masquerade:engine to ebpf, or log the events of connection tracking (conntrack -E, ulogd)";
        if (options.MappingLog is { } log and not MappingLogOutput.StandardOutput && OptionWords.OfPath("masquerade:mappingLog", log, ", or - for standard output") is { } ofLog)
            yield return ofLog;
        if (options.MaxFlows is < 1 or > MostFlows)
            yield return $"masquerade:maxFlows: {options.MaxFlows} must be 1 to {MostFlows}";
        if (options.Ports.First == 0 || options.Ports.Last < options.Ports.First)
            yield return $"masquerade:ports: '{options.Ports}' must begin with 1 or more and must not end before that";
        else if (options.AllReservedPorts.Count(port => options.Ports.Contains(port)) == options.Ports.Last - options.Ports.First + 1)
            yield return $"masquerade:reservedPorts: '{string.Join(", ", options.ReservedPorts)}' must leave flows a port of masquerade:ports, '{options.Ports}'";
        foreach (var ports in options.ReservedPorts.Where(static ports => ports.Last < ports.First))
            yield return $"masquerade:reservedPorts: '{ports}' must not end before it begins";
        if (options.UsesAgentFile && OptionWords.OfPath("ipMasqAgent:path", options.AgentFile) is { } ofFile)
            yield return ofFile;
        // Devices are named by the same rule as interfaces.
        foreach (var mistake in Errors(new() { Interfaces = [.. options.Devices] }, static field => KeyOf(field).Replace("interfaces", "devices", StringComparison.Ordinal)))
            yield return mistake;
        foreach (var mistake in Errors(options.ToConfiguration(), KeyOf))
            yield return mistake;
    }

    // Choices without a name are told above, with the names that the configuration has for them.
    private static IEnumerable<string> Errors(MasqueradeConfiguration configuration, Func<string, string> keyOf) => MasqueradeCompiler.Check(configuration)
        .Where(static error => error is { Severity: DiagnosticSeverity.Error, Field: not (nameof(MasqueradeConfiguration.AddressSource) or nameof(MasqueradeConfiguration.RemoteNodes)) })
        .Select(error => (error with { Field = keyOf(error.Field ?? "masquerade"), Reason = InKeys(error.Reason) }).ToString());

    // A reason may name another option, and what it is set to.
    private static string InKeys(string reason)
    {
        foreach (var source in Enum.GetValues<MasqueradeAddressSource>())
        {
            reason = reason.Replace($"{nameof(MasqueradeConfiguration.AddressSource)} is {source}", $"masquerade:addressSource is {OptionWords.OfMember(source)}", StringComparison.Ordinal)
                .Replace($", not {source}", $", not {OptionWords.OfMember(source)}", StringComparison.Ordinal);
        }

        return reason;
    }

    /// <summary>The key of a field: of <c>Pools[1].Name</c> it is <c>masquerade:pools:1:name</c>.</summary>
    private static string KeyOf(string field)
    {
        var end = field.IndexOfAny(['[', '.']);
        var (first, rest) = end < 0 ? (field, "") : (field[..end], field[end..]);
        var parts = rest.Replace(".Cidrs", "", StringComparison.Ordinal).Split(['[', ']', '.'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(':', parts.Select(static part => char.ToLowerInvariant(part[0]) + part[1..]).Prepend(s_keys.GetValueOrDefault(first, first)));
    }
}
