namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What became of each object.</summary>
internal static class NaiveStatuses
{
    public static Dictionary<ObjectKey, ObjectCondition> Of(
        IEnumerable<KubernetesObject> objects, NaiveCluster cluster, Dictionary<ServiceName, DesiredService> state, NaiveClaims claims,
        NaiveRedirects redirects)
    {
        var valid = cluster.Valid.Select(item => item.Key).ToHashSet();
        return objects.ToDictionary(item => item.Key, Of);

        ObjectCondition Of(KubernetesObject item) => item switch
        {
            _ when !valid.Contains(item.Key) => ObjectCondition.Rejected,
            CiliumLocalRedirectPolicy or ClusterLocalRedirectPolicy when !cluster.Node.EnableLocalRedirect => ObjectCondition.Skipped,
            Service service => OfService(service, cluster, state),
            EndpointSlice { AddressType: AddressType.Fqdn } => ObjectCondition.Unsupported,
            EndpointSlice { ServiceName: null } => ObjectCondition.Skipped,
            Pod => OfPod(item.Metadata, claims),
            CiliumLocalRedirectPolicy or ClusterLocalRedirectPolicy => OfPolicy(new(item.Key.Namespace, $"{item.Key.Name}:local-redirect"), redirects),
            _ => ObjectCondition.Accepted,
        };
    }

    private static ObjectCondition OfService(Service service, NaiveCluster cluster, Dictionary<ServiceName, DesiredService> state)
    {
        if (NaiveFrontends.IsSkipped(service, cluster))
            return ObjectCondition.Skipped;
        if (NaiveFrontends.IsHeadless(service))
            return ObjectCondition.Headless;
        if (!state.TryGetValue(service.ServiceName, out var desired))
            return ObjectCondition.Conflict;
        if (desired.Frontends.IsEmpty)
            return ObjectCondition.Accepted;
        return desired.Frontends.Any(IsServed) ? ObjectCondition.Active : ObjectCondition.NoBackends;
    }

    private static bool IsServed(Frontend frontend) =>
        frontend.Redirects.Any(redirect => !redirect.Backends.IsEmpty)
        || (frontend.UsableCount > 0 && !frontend.Redirects.Any(redirect => redirect.Clients.IsEverybody));

    private static ObjectCondition OfPod(ObjectMeta pod, NaiveClaims claims)
    {
        if (claims.Holders.Exists(claimant => claimant.IsPod && ReferenceEquals(claimant.Owner, pod)))
            return ObjectCondition.Active;
        return claims.Losers.Exists(claimant => claimant.IsPod && ReferenceEquals(claimant.Owner, pod))
            ? ObjectCondition.Conflict
            : ObjectCondition.Accepted;
    }

    private static ObjectCondition OfPolicy(ServiceName name, NaiveRedirects redirects)
    {
        if (redirects.Active.Contains(name))
            return ObjectCondition.Active;
        return redirects.Hindered.Contains(name) ? ObjectCondition.Conflict : ObjectCondition.NoBackends;
    }
}
