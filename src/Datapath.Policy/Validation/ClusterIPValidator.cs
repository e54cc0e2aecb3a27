namespace Datapath.Policy;

/// <summary>The checks of <c>spec.clusterIP</c>, <c>spec.clusterIPs</c> and <c>spec.ipFamilies</c>.</summary>
internal static class ClusterIPValidator
{
    public static void Validate(ServiceSpec spec, IssueList issues)
    {
        var addresses = spec.ClusterIPs.AsSpan();
        ValidateFirst(spec, issues);
        if (ServicePlan.IsNone(spec.ClusterIP))
            return;
        if (addresses.IsEmpty && !string.IsNullOrEmpty(spec.ClusterIP))
            ValidateAddress(spec.ClusterIP, 0, "spec.clusterIP", spec, issues);
        if (addresses.Length > 2)
            issues.Error("spec.clusterIPs", null, "must have at most one address of each IP family");
        bool? firstIsIPv4 = null;
        for (var i = 0; i < Math.Min(addresses.Length, 2); i++)
        {
            var field = i == 0 ? "spec.clusterIPs[0]" : "spec.clusterIPs[1]";
            if (ValidateAddress(addresses[i], i, field, spec, issues) is not { } isIPv4)
                continue;
            if (isIPv4 == firstIsIPv4)
                issues.Error(field, addresses[i], "is of the same IP family as spec.clusterIPs[0]: one address of each is allowed");
            firstIsIPv4 ??= isIPv4;
        }
    }

    /// <summary>The two fields say the same where they overlap; one of them may be left out.</summary>
    private static void ValidateFirst(ServiceSpec spec, IssueList issues)
    {
        var addresses = spec.ClusterIPs.AsSpan();
        if (addresses.IsEmpty || string.IsNullOrEmpty(spec.ClusterIP) || SameText(spec.ClusterIP, addresses[0]))
            return;
        issues.Error("spec.clusterIPs[0]", addresses[0], $"must be the same as spec.clusterIP, which is '{spec.ClusterIP}'");
    }

    private static bool SameText(string left, string right) =>
        left == right || (ServicePlan.IsNone(left) && ServicePlan.IsNone(right));

    /// <returns>Whether the address is IPv4; <see langword="null"/> if it is not an address.</returns>
    private static bool? ValidateAddress(string text, int index, string field, ServiceSpec spec, IssueList issues)
    {
        if (ServicePlan.IsNone(text))
        {
            if (index > 0)
                issues.Error(field, text, "may only be the first of the addresses");
            return null;
        }

        if (!IPValue.TryParse(text, out var address))
        {
            issues.Error(field, text, "must be an IP address");
            return null;
        }

        if (ReasonAgainst(address) is { } reason)
            issues.Error(field, text, reason);
        var families = spec.IPFamilies.AsSpan();
        if (index < families.Length && families[index] is IPFamily.IPv4 != address.IsIPv4)
            issues.Error(field, text, $"must be an {families[index]} address, as spec.ipFamilies[{index}] says");
        return address.IsIPv4;
    }

    /// <summary>
    /// An API server hands out addresses of a range that contains none of these. IPv4 link-local addresses are allowed: node-local caches
    /// use them.
    /// </summary>
    private static string? ReasonAgainst(IPValue address) => address switch
    {
        { IsUnspecified: true } => "must not be the unspecified address",
        { IsLoopback: true } => "must not be a loopback address",
        { IsMulticast: true } => "must not be a multicast address",
        { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
        { IsIPv4: false, IsLinkLocal: true } => "must not be an IPv6 link-local address: it means nothing without an interface",
        _ => null,
    };
}
