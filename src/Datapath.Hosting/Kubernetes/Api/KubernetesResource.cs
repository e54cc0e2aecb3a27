using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>A kind of object that a node follows.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="GroupVersion">Its group and version.</param>
/// <param name="Plural">Its name in paths.</param>
internal sealed record KubernetesResource(ObjectKind Kind, string GroupVersion, string Plural) : ApiCollection(GroupVersion, Plural)
{
    /// <summary>Services that have a proxy of their own, and their endpoints.</summary>
    private const string NoOwnProxy = "!service.kubernetes.io/service-proxy-name";

    /// <summary>Endpoints of a service that is not headless, which alone has frontends.</summary>
    private const string OfServiceWithAddress = "kubernetes.io/service-name,!service.kubernetes.io/headless";

    /// <inheritdoc/>
    public override string Label => Kind.ToString();

    /// <summary>Whether its objects are in namespaces.</summary>
    public bool IsNamespaced => Kind is not (ObjectKind.Node or ObjectKind.Namespace or ObjectKind.ClusterLocalRedirectPolicy);

    /// <summary>The path of a part of one of its objects.</summary>
    public string PathOf(ObjectKey key, string part) => PathOf(IsNamespaced ? key.Namespace : "", key.Name, part);

    /// <summary>The kinds that a node needs.</summary>
    public static ImmutableArray<KubernetesResource> Of(DatapathOptions options)
    {
        var kubernetes = options.Kubernetes;
        var all = ImmutableArray.CreateBuilder<KubernetesResource>();
        all.Add(new(ObjectKind.Service, "v1", "services") { LabelSelector = NoOwnProxy });
        all.Add(new(ObjectKind.EndpointSlice, "discovery.k8s.io/v1", "endpointslices") { LabelSelector = $"{OfServiceWithAddress},{NoOwnProxy}" });
        all.Add(new(ObjectKind.Node, "v1", "nodes"));
        all.Add(new(ObjectKind.Namespace, "v1", "namespaces"));
        if (kubernetes.Pods)
            all.Add(new(ObjectKind.Pod, "v1", "pods") { FieldSelector = $"spec.nodeName={options.Node.Name}" });
        if (kubernetes.RedirectPolicies)
        {
            all.Add(new(ObjectKind.CiliumLocalRedirectPolicy, "cilium.io/v2", "ciliumlocalredirectpolicies") { IsCustom = true });
            all.Add(new(ObjectKind.ClusterLocalRedirectPolicy, "datapath.io/v1alpha1", "clusterlocalredirectpolicies") { IsCustom = true });
        }

        return all.DrainToImmutable();
    }
}
