using System.Net;
using Datapath.Policy.Tests.Compilation.Naive;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What becomes of a dial, read off the desired state and the objects alone.</summary>
internal sealed class NaiveDial(PolicyCompiler compiler, Dictionary<ObjectKey, KubernetesObject> objects)
{
    private readonly List<DesiredService> _services = [.. compiler.State.Services.Values];

    public (DialOutcome Outcome, string Backends) Of(DialClient client, L4Address address)
    {
        var pod = client.Pod is { } name ? Find(ObjectKind.Pod, name.Namespace, name.Name) as Pod : null;
        if (pod is not null && NaivePods.IsExempt(pod, Find(ObjectKind.Namespace, "", pod.Metadata.Namespace) as Namespace))
            return (DialOutcome.Direct, "");
        var isHost = client.Pod is null || pod is { Spec.HostNetwork: true };
        var frontend = _services.SelectMany(service => service.Frontends)
            .Where(frontend => IsAt(frontend, address, isHost)).OrderByDescending(frontend => frontend.Scope).FirstOrDefault();
        var range = frontend is null ? MostSpecial(address) : null;
        if (isHost && frontend is null && range is null && IPAddress.IsLoopback(address.Address))
            return Of(client, L4Address.Unspecified(address.IsIPv4, address.Port, address.Protocol));
        foreach (var redirect in frontend?.Redirects ?? range?.Redirects ?? [])
        {
            var policy = PolicyOf(redirect.Policy);
            if (!IsMeant(policy, client, pod))
                continue;
            if (IsSkipped(policy, pod))
                break;
            return redirect.Backends.IsEmpty ? (DialOutcome.Refused, "") : (DialOutcome.Backend, Text(redirect.Backends, address));
        }

        if (frontend is { Type: FrontendType.ExternalIPs } && !frontend.IsAtNode)
            return (DialOutcome.Direct, "");
        if (frontend is { Type: not FrontendType.LocalRedirect })
            return frontend.UsableCount == 0 ? (DialOutcome.Refused, "") : (DialOutcome.Backend, Text(frontend.Usable.ToArray(), address));
        var isGuarded = frontend is null && range is null
            && _services.Exists(service => service.Frontends.Any(other => other.GuardsAddress && other.Address.Address.Equals(address.Address)));
        return (isGuarded ? DialOutcome.Refused : DialOutcome.Direct, "");
    }

    public static string Text(IEnumerable<Backend> backends, L4Address dialled) => string.Join(
        ',', backends.Select(backend => backend.Address.Port == 0 ? backend.Address.WithPort(dialled.Port, dialled.Protocol) : backend.Address).Order());

    /// <summary>A port of the node is at the unspecified address for the host alone, and never at the loopback address of a pod.</summary>
    private static bool IsAt(Frontend frontend, L4Address address, bool isHost) => frontend.Address == address
        ? isHost || !address.IsUnspecified
        : frontend.NodeAddresses.Concat(frontend.OtherNodeAddresses).Contains(address) && !IPAddress.IsLoopback(address.Address);

    private FrontendRange? MostSpecial(L4Address address) => _services.SelectMany(service => service.Ranges)
        .Where(range => new NaiveRange(range.Prefix, range.FirstPort, range.LastPort, range.Protocol)
            .Contains(new(new(address.Address, address.IsIPv4 ? 32 : 128), address.Port, address.Port, address.Protocol)))
        .OrderByDescending(range => range.Prefix.PrefixLength).ThenBy(range => range.LastPort - range.FirstPort).ThenBy(range => range.FirstPort)
        .FirstOrDefault();

    private bool IsMeant(KubernetesObject policy, DialClient client, Pod? pod)
    {
        var selector = (policy as ClusterLocalRedirectPolicy)?.ClientSelector ?? ClientSelector.Everybody;
        if (client.Pod is null || pod is { Spec.HostNetwork: true })
            return selector.MatchesHostProcesses();
        if (pod is null)
            return selector.Include.IsEmpty;
        var space = Find(ObjectKind.Namespace, "", pod.Metadata.Namespace);
        var labels = (space?.Metadata.Labels ?? []).SetItem(Namespace.NameLabel, pod.Metadata.Namespace);
        return selector.MatchesPod(labels, pod.Metadata.Labels);
    }

    private static bool IsSkipped(KubernetesObject policy, Pod? pod) => pod is not null && policy switch
    {
        ClusterLocalRedirectPolicy { SkipRedirectFromBackend: true, Backend: var backend } =>
            pod.Metadata.Namespace == backend.Namespace && backend.Selector.Matches(pod.Metadata.Labels),
        CiliumLocalRedirectPolicy { SkipRedirectFromBackend: true, Backend: var backend } =>
            pod.Metadata.Namespace == policy.Metadata.Namespace && backend.LocalEndpointSelector.Matches(pod.Metadata.Labels),
        _ => false,
    };

    private KubernetesObject PolicyOf(ServiceName name)
    {
        var policy = name.Name[..name.Name.LastIndexOf(':')];
        return name.Namespace.Length == 0
            ? Find(ObjectKind.ClusterLocalRedirectPolicy, "", policy)!
            : Find(ObjectKind.CiliumLocalRedirectPolicy, name.Namespace, policy)!;
    }

    /// <summary>An object, unless it is refused.</summary>
    private KubernetesObject? Find(ObjectKind kind, string space, string name)
    {
        var item = objects.GetValueOrDefault(new(kind, space, name));
        return item is not null && compiler.TryGetStatus(item.Key, out var status) && status.Condition is ObjectCondition.Rejected ? null : item;
    }
}
