using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of an EndpointSlice, as an API server makes them, for the fields that are used.</summary>
internal static class EndpointSliceValidator
{
    public const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20000;

    public static void Validate(EndpointSlice slice, IssueList issues)
    {
        ObjectValidator.ValidateSubdomainName(slice.Metadata, issues);
        ObjectValidator.ValidateNamespace(slice.Metadata, issues);
        AnnotationReader.ValidateWeight(slice.Metadata.Annotations, issues);
        if (slice.AddressType is < AddressType.IPv4 or > AddressType.Fqdn)
            issues.Error("addressType", slice.AddressType.ToString(), "must be IPv4, IPv6 or FQDN");
        if (slice.AddressType is AddressType.Fqdn)
            issues.Warn("addressType", "FQDN", "is not supported: the endpoints are ignored, because the kernel needs addresses");
        else
            ValidateEndpoints(slice, issues);
        ValidatePorts(slice, issues);
    }

    private static void ValidatePorts(EndpointSlice slice, IssueList issues)
    {
        var ports = slice.Ports.AsSpan();
        if (ports.Length > MostPorts)
            issues.Error("ports", null, $"has {ports.Length} ports, at most {MostPorts} are allowed");
        var names = ports.Length > 1 ? new Dictionary<string, int>() : null;
        for (var i = 0; i < Math.Min(ports.Length, MostPorts); i++)
        {
            var port = ports[i];
            if (port.Port is not { } number)
                issues.Warn(Path(i, "port"), null, "is absent, which means any port: it adds no backend");
            else
                ObjectValidator.ValidatePort(number, issues, "ports", i);
            if (!ObjectValidator.IsKnown(port.Protocol))
                issues.Error(Path(i, "protocol"), port.Protocol.ToString(), "must be TCP, UDP or SCTP");
            if (port.Name.Length > 0 && !NameRules.IsLabel(port.Name))
                issues.Error(Path(i, "name"), port.Name, NameRules.LabelRule);
            if (names is not null && !names.TryAdd(port.Name, i))
                issues.Error(Path(i, "name"), port.Name, $"is already the name of ports[{names[port.Name]}]");
        }
    }

    private static void ValidateEndpoints(EndpointSlice slice, IssueList issues)
    {
        var endpoints = slice.Endpoints.AsSpan();
        if (endpoints.Length > MostEndpoints)
            issues.Error("endpoints", null, $"has {endpoints.Length} endpoints, at most {MostEndpoints} are allowed");
        for (var i = 0; i < Math.Min(endpoints.Length, MostEndpoints); i++)
        {
            var addresses = endpoints[i].Addresses.AsSpan();
            if (addresses.Length is 0 or > MostAddresses)
                issues.Error($"endpoints[{i}].addresses", null, $"must have 1 to {MostAddresses} addresses");
            for (var j = 0; j < Math.Min(addresses.Length, MostAddresses); j++)
            {
                if (!IPValue.TryParse(addresses[j], out var address))
                    issues.Error($"endpoints[{i}].addresses[{j}]", addresses[j], $"must be an {slice.AddressType} address");
                else if (ReasonAgainst(address) is { } reason)
                    issues.Error($"endpoints[{i}].addresses[{j}]", addresses[j], reason);
                else if (address.IsIPv4 != slice.AddressType is AddressType.IPv4)
                    issues.Warn($"endpoints[{i}].addresses[{j}]", addresses[j], OtherFamily(slice.AddressType));
            }

            if (!string.IsNullOrEmpty(endpoints[i].NodeName) && !NameRules.IsSubdomain(endpoints[i].NodeName))
                issues.Error($"endpoints[{i}].nodeName", endpoints[i].NodeName, NameRules.SubdomainRule);
            if (endpoints[i].Hints is { } hints)
            {
                ValidateHints(hints.Zones, $"endpoints[{i}].hints.forZones", issues);
                ValidateHints(hints.Nodes, $"endpoints[{i}].hints.forNodes", issues);
            }
        }
    }

    private static void ValidateHints(ImmutableArray<string> names, string field, IssueList issues)
    {
        for (var i = 0; i < names.AsSpan().Length; i++)
        {
            if (names[i].Length == 0)
                issues.Error($"{field}[{i}].name", null, "is required");
        }
    }

    /// <summary>Why no backend may have an address; <see langword="null"/>: it may.</summary>
    public static string? ReasonAgainst(IPValue address) => address switch
    {
        { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
        { IsUnspecified: true } => "must not be the unspecified address",
        { IsLoopback: true } => "must not be a loopback address",
        { IsMulticast: true } => "must not be a multicast address",
        { IsLinkLocal: true } => "must not be a link-local address",
        _ => null,
    };

    /// <summary>An API server would refuse it, but it is plain what is meant, and writers of slices for both families at once exist.</summary>
    private static string OtherFamily(AddressType type) => $"is no {type} address, as addressType says: it is used all the same";

    private static string Path(int index, string field) => string.Create(CultureInfo.InvariantCulture, $"ports[{index}].{field}");
}
