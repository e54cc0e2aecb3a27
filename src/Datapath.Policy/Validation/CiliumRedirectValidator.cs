namespace Datapath.Policy;

/// <summary>The checks of a CiliumLocalRedirectPolicy. Whether its address is allowed depends on the node: <see cref="ValidateAllowed"/>.</summary>
internal static class CiliumRedirectValidator
{
    private const string FrontendField = "spec.redirectFrontend";
    private const string AddressField = FrontendField + ".addressMatcher";
    private const string ServiceField = FrontendField + ".serviceMatcher";
    private const string BackendField = "spec.redirectBackend";

    public static void Validate(CiliumLocalRedirectPolicy policy, IssueList issues)
    {
        ObjectValidator.ValidateSubdomainName(policy.Metadata, issues);
        ObjectValidator.ValidateNamespace(policy.Metadata, issues);
        _ = AnnotationReader.ReadOnNoBackend(policy.Metadata.Annotations, issues);
        switch (policy.Frontend)
        {
            case { AddressMatcher: not null, ServiceMatcher: not null }:
                issues.Error(FrontendField, null, "must have only one of addressMatcher and serviceMatcher");
                break;
            case { AddressMatcher: { } address }:
                ValidateAddress(address, issues);
                ValidatePorts(address.ToPorts.AsSpan(), AddressField + ".toPorts", policy.Backend, issues);
                break;
            case { ServiceMatcher: { } service }:
                ValidateService(service, policy.Metadata.Namespace, issues);
                ValidatePorts(service.ToPorts.AsSpan(), ServiceField + ".toPorts", policy.Backend, issues);
                break;
            default:
                issues.Error(FrontendField, null, "needs an addressMatcher or a serviceMatcher");
                break;
        }

        LabelSelectorValidator.Validate(policy.Backend.LocalEndpointSelector, BackendField + ".localEndpointSelector", issues);
    }

    /// <summary>Whether the addresses that a node allows contain that of the policy. An empty list allows all.</summary>
    public static void ValidateAllowed(CiliumLocalRedirectPolicy policy, ReadOnlySpan<IPRange> allowed, IssueList issues)
    {
        if (allowed.IsEmpty || policy.Frontend.AddressMatcher is not { } matcher || !IPValue.TryParse(matcher.IP, out var address))
            return;
        foreach (var range in allowed)
        {
            if (range.Contains(address))
                return;
        }

        issues.Error(AddressField + ".ip", matcher.IP, $"is in none of the ranges that are allowed: {string.Join(", ", allowed.ToArray())}");
    }

    private static void ValidateAddress(RedirectAddressMatcher matcher, IssueList issues)
    {
        if (!IPValue.TryParse(matcher.IP, out var address))
            issues.Error(AddressField + ".ip", matcher.IP, "must be an IP address");
        else if (ReasonAgainst(address) is { } reason)
            issues.Error(AddressField + ".ip", matcher.IP, reason);
        if (matcher.ToPorts.IsDefaultOrEmpty)
            issues.Error(AddressField + ".toPorts", null, "needs at least one port");
    }

    /// <summary>Any address that a program can connect to may be redirected, but these mean no particular one, or one of every pod's own.</summary>
    private static string? ReasonAgainst(IPValue address) => address switch
    {
        { IsUnspecified: true } => "must not be the unspecified address",
        { IsMulticast: true } => "must not be a multicast address",
        { IsLoopback: true } => "must not be a loopback address: that is every pod's own, and a policy of one namespace must not take it; a ClusterLocalRedirectPolicy may",
        { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
        _ => null,
    };

    private static void ValidateService(RedirectServiceMatcher matcher, string ownNamespace, IssueList issues)
    {
        if (!NameRules.IsLabel(matcher.ServiceName))
            issues.Error(ServiceField + ".serviceName", matcher.ServiceName, NameRules.LabelRule);
        if (matcher.Namespace != ownNamespace)
            issues.Error(ServiceField + ".namespace", matcher.Namespace, $"must be the namespace of the policy, which is '{ownNamespace}'");
    }

    private static void ValidatePorts(ReadOnlySpan<RedirectPort> frontend, string field, RedirectBackend value, IssueList issues)
    {
        var backend = value.ToPorts.AsSpan();
        if (backend.IsEmpty)
            issues.Error(BackendField + ".toPorts", null, "needs at least one port");
        var hasSeveral = frontend.Length > 1;
        RedirectPortValidator.Validate(frontend, field, hasSeveral, "there is more than one frontend port", issues);
        RedirectPortValidator.ValidateOneName(frontend, field, issues);
        RedirectPortValidator.Validate(
            backend, BackendField + ".toPorts", hasSeveral || backend.Length > 1,
            hasSeveral ? "there is more than one frontend port" : "there is more than one backend port", issues);
        if (frontend is [var only] && backend is [var first, ..] && only.Protocol != first.Protocol)
        {
            issues.Error(
                field + "[0].protocol", only.Protocol.ToString().ToUpperInvariant(),
                $"must be that of {BackendField}.toPorts[0], which is {first.Protocol.ToString().ToUpperInvariant()}");
        }
    }
}
