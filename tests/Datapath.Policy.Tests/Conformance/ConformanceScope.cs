using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>
/// The one place that says which cases the compiler is measured by: those whose cluster addresses depend only on features that it has. What
/// other tables of a case need (node ports, load balancers, flags, source ranges) does not matter here, because only rows of type
/// ClusterIP are compared.
/// </summary>
internal static class ConformanceScope
{
    /// <summary>Annotations that change which frontends a service has or what its backends may be used for.</summary>
    private static readonly string[] s_annotations =
    [
        "service.cilium.io/type", "service.cilium.io/node", "service.cilium.io/node-selector", "service.cilium.io/weight",
    ];

    /// <summary>Why a case is not measured; <see langword="null"/> if it is.</summary>
    public static string? ReasonAgainst(ConformanceCase step)
    {
        if (!step.Suite.StartsWith("lb-", StringComparison.Ordinal))
            return "not of a load balancer suite";
        if (step.Config.TryGetProperty("serviceTopology", out var topology) && topology.GetBoolean())
            return "topology hints";
        if (step.Config.TryGetProperty("healthCheckedServiceAnnotation", out var health) && health.ValueKind is not JsonValueKind.Null)
            return "backend health checks";
        if (IsFalse(step.Config, "enableIPv4") || IsFalse(step.Config, "enableIPv6"))
            return "an address family switched off";
        foreach (var annotation in s_annotations)
        {
            if (step.Objects.Contains(annotation + ":", StringComparison.Ordinal))
                return "annotation " + annotation;
        }

        return step.Expected.TryGetProperty("frontends", out _) || step.MapFrontends is not null ? null : "nothing about frontends asserted";
    }

    private static bool IsFalse(JsonElement config, string name) => config.TryGetProperty(name, out var value) && !value.GetBoolean();
}
