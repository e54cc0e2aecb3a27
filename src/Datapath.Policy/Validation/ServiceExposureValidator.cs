using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of what leads to a Service from outside the cluster.</summary>
internal static class ServiceExposureValidator
{
    private const int LongestAffinity = 86400;

    public static void Validate(Service service, IssueList issues)
    {
        var spec = service.Spec;
        ValidateExternalIPs(spec, issues);
        ValidateSourceRanges(spec, issues);
        if (spec.LoadBalancerClass is { } name && !NameRules.IsQualifiedName(name))
            issues.Error("spec.loadBalancerClass", name, NameRules.QualifiedNameRule);
        if (spec.HealthCheckNodePort is < 0 or > 65535)
            issues.Error("spec.healthCheckNodePort", Text(spec.HealthCheckNodePort), "must be 0 (none) to 65535");
        if (spec.SessionAffinityTimeoutSeconds is < 1 or > LongestAffinity)
        {
            issues.Error(
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds", Text(spec.SessionAffinityTimeoutSeconds), $"must be 1 to {LongestAffinity}");
        }

        ValidateIngress(service.Status, issues);
    }

    private static void ValidateExternalIPs(ServiceSpec spec, IssueList issues)
    {
        var addresses = spec.ExternalIPs.AsSpan();
        for (var i = 0; i < addresses.Length; i++)
        {
            if (ReasonAgainst(addresses[i], mayBeLinkLocal: false) is { } reason)
                issues.Error($"spec.externalIPs[{i}]", addresses[i], reason);
        }
    }

    private static void ValidateSourceRanges(ServiceSpec spec, IssueList issues)
    {
        var ranges = spec.LoadBalancerSourceRanges.AsSpan();
        for (var i = 0; i < ranges.Length; i++)
        {
            // As in an API server, blanks around a range and bits beyond its prefix are harmless.
            if (!IPRange.TryParse(ranges[i].AsSpan().Trim(), out _, out _))
                issues.Error($"spec.loadBalancerSourceRanges[{i}]", ranges[i], "must be a range in CIDR form, for example 192.0.2.0/24");
        }
    }

    private static void ValidateIngress(ServiceStatus status, IssueList issues)
    {
        var points = status.LoadBalancerIngress.AsSpan();
        for (var i = 0; i < points.Length; i++)
        {
            if (!string.IsNullOrEmpty(points[i].IP) && ReasonAgainst(points[i].IP, mayBeLinkLocal: true) is { } reason)
                issues.Error($"status.loadBalancer.ingress[{i}].ip", points[i].IP, reason);
            if (points[i].IPMode is < IPMode.Vip or > IPMode.Proxy)
                issues.Error($"status.loadBalancer.ingress[{i}].ipMode", points[i].IPMode.ToString(), "must be VIP or Proxy");
        }
    }

    private static string? ReasonAgainst(string? text, bool mayBeLinkLocal)
    {
        if (!IPValue.TryParse(text, out var address))
            return "must be an IP address";
        return address switch
        {
            { IsUnspecified: true } => "must not be the unspecified address",
            { IsLoopback: true } => "must not be a loopback address",
            { IsMulticast: true } => "must not be a multicast address",
            { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
            { IsLinkLocal: true } when !mayBeLinkLocal => "must not be a link-local address",
            _ => null,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
