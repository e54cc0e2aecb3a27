namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What is true of every desired state, whatever it was made of.</summary>
internal static class Invariants
{
    /// <returns>The first that is broken, if one is.</returns>
    public static string? Broken(DesiredState state, IEnumerable<KubernetesObject> objects)
    {
        var services = state.Services;
        var dropping = objects.Where(Drops).Select(policy => new ServiceName(policy.Key.Namespace, $"{policy.Key.Name}:local-redirect")).ToHashSet();
        var claims =
            from service in services.Values
            from frontend in service.Frontends
            from address in frontend.NodeAddresses.Concat(frontend.OtherNodeAddresses).Prepend(frontend.Address)
            select (Address: address, frontend.Scope, service.Name);
        return claims.GroupBy(claim => (claim.Address, claim.Scope)).Where(same => same.Count() > 1)
                .Select(same => $"{same.Key} belongs to {string.Join(" and ", same.Select(claim => claim.Name))}").FirstOrDefault()
            ?? services.Where(pair => pair.Key != pair.Value.Name).Select(pair => $"{pair.Key} is stored as {pair.Value.Name}").FirstOrDefault()
            ?? services.Values.SelectMany(Redirects).Where(redirect => redirect.Backends.IsEmpty && !dropping.Contains(redirect.Policy))
                .Select(redirect => $"{redirect.Policy} refuses dials and does not say so").FirstOrDefault()
            ?? services.Values.SelectMany(service => service.Frontends).Select(Broken).FirstOrDefault(reason => reason is not null)
            ?? services.Values.SelectMany(service => service.Ranges).Select(Broken).FirstOrDefault(reason => reason is not null);
    }

    private static bool Drops(KubernetesObject item) =>
        item is CiliumLocalRedirectPolicy { OnNoBackend: NoBackendAction.Drop } or ClusterLocalRedirectPolicy { OnNoBackend: NoBackendAction.Drop };

    private static IEnumerable<Redirect> Redirects(DesiredService service) =>
        service.Frontends.SelectMany(frontend => frontend.Redirects).Concat(service.Ranges.SelectMany(range => range.Redirects));

    private static string? Broken(Frontend frontend)
    {
        var backends = frontend.Backends;
        var usable = frontend.Usable.ToArray();
        var reason = Broken(frontend.Redirects.AsSpan(), frontend.Address.IsIPv4, frontend.Address.Protocol);
        if (backends.Any(backend => backend.Address.Protocol != frontend.Address.Protocol || backend.Address.IsIPv4 != frontend.Address.IsIPv4))
            reason ??= "a backend is of another family or protocol";
        if (backends.DistinctBy(backend => backend.Address).Count() < backends.Length)
            reason ??= "a backend is there twice";
        if (!backends.SequenceEqual(backends.OrderBy(backend => backend.IsUnhealthy).ThenBy(backend => backend.State).ThenBy(backend => backend.Address)))
            reason ??= "the backends are out of order";
        if (usable.Any(backend => backend.IsUnhealthy || backend.State > BackendState.Terminating || backend.State != usable[0].State))
            reason ??= "a backend is called usable and is not";
        if (usable.Length == 0 && backends.Any(backend => !backend.IsUnhealthy && backend.State <= BackendState.Terminating))
            reason ??= "a backend is usable and not called so";
        if (!frontend.NodeAddresses.SequenceEqual(frontend.NodeAddresses.Distinct().Order()))
            reason ??= "the addresses of the node are out of order";
        if (frontend.Type is FrontendType.LocalRedirect && frontend.Redirects.IsEmpty)
            reason ??= "it is made for a redirect and has none";
        return reason is null ? null : $"{reason}: {Text.Of(frontend)}";
    }

    private static string? Broken(FrontendRange range) =>
        Broken(range.Redirects.AsSpan(), !range.Prefix.BaseAddress.ToString().Contains(':'), range.Protocol) is { } reason
            ? $"{reason}: {range}"
            : range.Redirects.IsEmpty ? $"{range} has no redirect" : null;

    private static string? Broken(ReadOnlySpan<Redirect> redirects, bool isIPv4, L4Protocol protocol)
    {
        for (var i = 0; i < redirects.Length; i++)
        {
            if (i < redirects.Length - 1 && redirects[i].Clients.IsEverybody)
                return "a redirect comes after one for everybody";
            var backends = redirects[i].Backends;
            if (backends.Any(backend => backend.Address.Protocol != protocol || backend.Address.IsIPv4 != isIPv4))
                return "a redirect leads to another family or protocol";
            if (!backends.Select(backend => backend.Address).SequenceEqual(backends.Select(backend => backend.Address).Distinct().Order()))
                return "the backends of a redirect are out of order";
        }

        return null;
    }
}
