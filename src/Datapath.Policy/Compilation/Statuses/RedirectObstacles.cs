namespace Datapath.Policy;

/// <summary>Says what keeps a policy from an address or a service.</summary>
internal static class RedirectObstacles
{
    /// <summary>Somebody else serves the address: who, and what to write instead where a policy can have it.</summary>
    public static string HeldBy(Claimant holder, L4Address address, KubernetesObject policy) =>
        $"{address} belongs to {holder.Description}{WayOut(holder, address, policy)}";

    /// <summary>Another policy takes what is dialled, or refuses it.</summary>
    public static string Precedes(Redirect first, TargetKey dialled) =>
        $"{Describe(dialled)} is {(first.Backends.IsEmpty ? "refused" : "redirected")} by policy {Wording.PolicyOf(first.Policy)}, which comes first";

    /// <summary>Why there is nothing of a service to redirect.</summary>
    public static string MissingOf(ServiceEntry service) => service switch
    {
        { Plan: null, Rejection: null } => $"{service.Description} does not exist",
        { Plan: null } => $"{service.Description} is rejected",
        { HeldBy: { } holder } => $"{service.Description} is in conflict ({holder.Description} holds {service.HeldAddress})",
        { Plan.Message: { } message } => $"{service.Description} is not served here: {message}",
        _ => $"{service.Description} has no cluster address with such a port",
    };

    private static string Describe(TargetKey key) => key.IsExact
        ? key.First.ToString()
        : new FrontendRange(new(key.First.Address, key.PrefixLength), key.First.Port, key.LastPort, key.First.Protocol, []).ToString();

    /// <summary>The cluster addresses of services are redirected by naming the service.</summary>
    private static string WayOut(Claimant holder, L4Address address, KubernetesObject policy)
    {
        if (holder is not ServiceEntry { Plan: { } plan } service
            || !Array.Exists(plan.Frontends, frontend => frontend.Address == address && frontend.Type is FrontendType.ClusterIP))
            return "";
        if (policy is ClusterLocalRedirectPolicy)
            return ": name the service instead (spec.frontends[].service)";
        return service.Name.Namespace == policy.Metadata.Namespace
            ? ": match the service instead (spec.redirectFrontend.serviceMatcher)"
            : $": only a policy in namespace {service.Name.Namespace}, or a clusterwide one, can redirect it";
    }
}
