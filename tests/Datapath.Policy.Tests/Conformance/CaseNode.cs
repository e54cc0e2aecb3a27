using System.Collections.Immutable;
using System.Net;
using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Reads the configuration of a case. What it does not say is as the format's defaults are, not as the product's.</summary>
internal static class CaseNode
{
    public static NodeConfiguration Configuration(JsonElement config) => new()
    {
        Name = Text(config, "nodeName") ?? "",
        Zone = Text(config, "nodeZone") is { Length: > 0 } zone ? zone : null,
        Labels = Items(config, "nodeLabels").ToImmutableDictionary(static label => label.Name, static label => label.Value.GetString()!),
        Addresses = [.. List(config, "nodeAddresses").Select(static item => new LocalAddress(Address(item), Is(item, "nodePort", true)))],
        EnableIPv4 = Is(config, "enableIPv4", true),
        EnableIPv6 = Is(config, "enableIPv6", true),
        KubeProxyReplacement = Is(config, "kubeProxyReplacement", true),
        EnableExternalIPs = Is(config, "externalIPs", true),
        EnableLocalRedirect = Is(config, "localRedirectPolicy", false),
        AddressMatcherCidrs = [.. List(config, "lrpAddressMatcherCIDRs").Select(static item => IPNetwork.Parse(item.GetString()!))],
        Algorithm = Choice<LoadBalancingAlgorithm>(config, "lbAlgorithm"),
        AllowAlgorithmAnnotation = Is(config, "lbAlgorithmAnnotation", false),
        Forwarding = Choice<ForwardingDefault>(config, "lbMode"),
        AllowForwardingAnnotation = Is(config, "lbModeAnnotation", false),
        ExternalClusterIP = Is(config, "externalClusterIP", false),
        SourceRangeAllTypes = Is(config, "sourceRangeAllTypes", false),
        ServiceTopology = Is(config, "serviceTopology", false),
        WildcardEntries = Is(config, "wildcardEntries", true),
        DefaultLoadBalancerClass = Text(config, "defaultLBServiceIPAM") is null or "lbipam",
        NodePortRange = List(config, "nodePortRange") is [var first, var last]
            ? new(first.GetUInt16(), last.GetUInt16())
            : NodeConfiguration.DefaultNodePortRange,
        MaglevTableSize = config.TryGetProperty("maglevTableSize", out var size) ? size.GetInt32() : NodeConfiguration.DefaultMaglevTableSize,
        HealthCheckAnnotation = Text(config, "healthCheckedServiceAnnotation"),
    };

    public static Dictionary<PodName, ulong> Cookies(JsonElement config) =>
        Items(config, "netnsCookies").ToDictionary(static item => Pod(item.Name), static item => item.Value.GetUInt64());

    /// <summary>What the health checker found: objects with service, backend and healthy.</summary>
    public static HealthResult[] Health(JsonElement config) =>
    [
        .. List(config, "backendHealth").Select(static item => new HealthResult(
            Service(item.GetProperty("service").GetString()!), L4Address.Parse(item.GetProperty("backend").GetString()!), Is(item, "healthy", true))),
    ];

    private static IPAddress Address(JsonElement item) => IPAddress.Parse(item.GetProperty("address").GetString()!);

    private static PodName Pod(string text) => text.Split('/') is [var space, var name] ? new(space, name) : throw new FormatException(text);

    private static ServiceName Service(string text) => text.Split('/') is [var space, var name] ? new(space, name) : throw new FormatException(text);

    private static string? Text(JsonElement config, string name) => config.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Is(JsonElement config, string name, bool unsaid) => config.TryGetProperty(name, out var value) ? value.GetBoolean() : unsaid;

    private static T Choice<T>(JsonElement config, string name) where T : struct, Enum =>
        Text(config, name) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : default;

    private static JsonElement[] List(JsonElement config, string name) => config.TryGetProperty(name, out var value) ? [.. value.EnumerateArray()] : [];

    private static JsonProperty[] Items(JsonElement config, string name) => config.TryGetProperty(name, out var value) ? [.. value.EnumerateObject()] : [];
}
