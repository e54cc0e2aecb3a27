using Datapath.Policy.Tests.Compilation.Naive;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What can be seen in a state that the rules led to.</summary>
internal static class Features
{
    private static readonly Dictionary<string, Func<Frontend, bool>> s_ofFrontends = new()
    {
        ["an internal scope"] = frontend => frontend.Scope is FrontendScope.Internal,
        ["an address of the node"] = frontend => !frontend.NodeAddresses.IsEmpty,
        ["an address of another node"] = frontend => !frontend.OtherNodeAddresses.IsEmpty,
        ["terminating backends in use"] = frontend => frontend.UsableCount > 0 && frontend.Backends[0].State is BackendState.Terminating,
        ["backends that are not in use"] = frontend => frontend.UsableCount < frontend.Backends.Length,
        ["an unhealthy backend"] = frontend => frontend.Backends.Any(backend => backend.IsUnhealthy),
        ["a backend with a weight"] = frontend => frontend.Backends.Any(backend => backend.Weight != Backend.DefaultWeight),
        ["a Maglev table"] = frontend => frontend.UsesMaglev,
        ["an algorithm of its own"] = frontend => frontend.Algorithm is not null,
        ["source ranges"] = frontend => !frontend.SourceRanges.IsEmpty,
        ["a guarded address"] = frontend => frontend.GuardsAddress,
        ["an external IP of the node"] = frontend => frontend is { Type: FrontendType.ExternalIPs, IsAtNode: true },
        ["an external IP elsewhere"] = frontend => frontend is { Type: FrontendType.ExternalIPs, IsAtNode: false },
        ["a load balancer at the node"] = frontend => frontend is { Type: FrontendType.LoadBalancer, IsAtNode: true },
        ["a host port at one address of the node"] = frontend => frontend is { Type: FrontendType.HostPort, IsAtNode: true },
        ["a service that is redirected"] = frontend =>
            frontend.Type is FrontendType.ClusterIP && frontend.Redirects.Any(redirect => !redirect.Backends.IsEmpty),
        ["dials that are refused"] = frontend => frontend.Redirects.Any(redirect => redirect.Backends.IsEmpty),
        ["two policies for an address"] = frontend => frontend.Redirects.Length > 1,
        ["clients that are chosen"] = frontend => frontend.Redirects.Any(redirect => !redirect.Clients.Pods.IsEmpty),
        ["pods that are skipped"] = frontend => frontend.Redirects.Any(redirect => !redirect.SkippedPods.IsEmpty),
    };

    private static readonly Dictionary<string, Func<LocalPod, bool>> s_ofPods = new()
    {
        ["a pod"] = pod => !pod.IsHostNetwork,
        ["a pod on the host's network"] = pod => pod.IsHostNetwork,
        ["a pod whose dials are left alone"] = pod => pod.IsExempt,
    };

    public static IEnumerable<string> All =>
    [
        .. s_ofFrontends.Keys, .. s_ofPods.Keys, "a range", "two policies for a range", .. Enum.GetNames<FrontendType>(), .. Enum.GetNames<FrontendFlags>(),
        .. Enum.GetNames<ObjectCondition>(), .. Kinds.Select(kind => $"{kind} {ObjectCondition.Conflict}"),
        .. Kinds.Select(kind => $"{kind} {ObjectCondition.Active}"),
    ];

    private static ObjectKind[] Kinds =>
        [ObjectKind.Service, ObjectKind.Pod, ObjectKind.CiliumLocalRedirectPolicy, ObjectKind.ClusterLocalRedirectPolicy];

    /// <summary>Each once.</summary>
    public static IEnumerable<string> Of(NaiveCompiler compiled)
    {
        var frontends = compiled.Services.Values.SelectMany(service => service.Frontends).ToList();
        var ranges = compiled.Services.Values.SelectMany(service => service.Ranges).ToList();
        return
        [
            .. s_ofFrontends.Where(feature => frontends.Exists(frontend => feature.Value(frontend))).Select(feature => feature.Key),
            .. s_ofPods.Where(feature => compiled.Pods.Values.Any(feature.Value)).Select(feature => feature.Key),
            .. ranges.Count > 0 ? new[] { "a range" } : [],
            .. ranges.Exists(range => range.Redirects.Length > 1) ? new[] { "two policies for a range" } : [],
            .. frontends.Select(frontend => $"{frontend.Type}").Distinct(),
            .. Enum.GetValues<FrontendFlags>().Where(flag => frontends.Exists(frontend => frontend.Flags.HasFlag(flag)))
                .Select(flag => $"{flag}").Except(Enum.GetNames<FrontendType>()),
            .. compiled.Conditions.Values.Distinct().Select(condition => $"{condition}"),
            .. compiled.Conditions.Select(pair => $"{pair.Key.Kind} {pair.Value}").Distinct(),
        ];
    }
}
