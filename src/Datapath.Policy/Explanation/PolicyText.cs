namespace Datapath.Policy;

/// <summary>What a policy names by its text, whether or not it is in force.</summary>
internal static class PolicyText
{
    public static bool Names(KubernetesObject policy, ServiceName? service, L4Address address) => policy switch
    {
        CiliumLocalRedirectPolicy { Frontend.AddressMatcher: { } matcher } => Contains(matcher.IP, address),
        CiliumLocalRedirectPolicy { Frontend.ServiceMatcher: { } matcher } => service == new ServiceName(matcher.Namespace, matcher.ServiceName),
        ClusterLocalRedirectPolicy clusterwide => clusterwide.Frontends.Any(frontend =>
            (frontend.Service is { } reference && service == new ServiceName(reference.Namespace, reference.Name))
            || frontend.Addresses.Any(text => Contains(text, address))),
        _ => false,
    };

    private static bool Contains(string text, L4Address address) =>
        IPRange.TryParseAny(text, out var range, out _) && range.ToNetwork().Contains(address.Address);
}
