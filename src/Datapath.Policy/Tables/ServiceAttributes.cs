using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Datapath.Policy.Tables;

/// <summary>What a service says beyond its ports. What it does not say is <see langword="null"/> and not written.</summary>
public sealed record ServiceAttributes
{
    /// <summary>How long a client keeps its backend, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SessionAffinitySeconds { get; init; }

    /// <summary>The ranges of clients that are let in, or refused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? SourceRanges { get; init; }

    /// <summary>What the source ranges mean, if that is not what it usually is: <c>deny</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SourceRangesPolicy { get; init; }

    /// <summary>How backends are chosen, if services may say so: <c>random</c> or <c>maglev</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExplicitLBAlgorithm { get; init; }

    /// <summary>How replies find back, if services may say so: <c>snat</c> or <c>dsr</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ForwardingMode { get; init; }

    /// <summary>Which endpoints are preferred; what an annotation asks for is <c>PreferSameZone</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TrafficDistribution { get; init; }

    /// <summary>Whose task the load balancer is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LoadBalancerClass { get; init; }
}
