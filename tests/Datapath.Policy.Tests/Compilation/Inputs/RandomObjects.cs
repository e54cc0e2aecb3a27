namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random objects out of so few names, addresses and ports that they meet, collide and now and then are invalid.</summary>
internal static class RandomObjects
{
    public static KubernetesObject Next(Random random) => random.Next(16) switch
    {
        < 3 => RandomServices.Service(random),
        < 6 => RandomSlices.Slice(random),
        < 10 => RandomPods.Pod(random),
        10 => random.Once(2) ? RandomPods.Namespace(random) : RandomPods.Node(random),
        < 13 => RandomPolicies.Namespaced(random),
        _ => RandomPolicies.Clusterwide(random),
    };

    /// <summary>The object with one thing changed: its age, its labels or its annotations, or some part that another one has.</summary>
    public static KubernetesObject Edit(Random random, KubernetesObject item)
    {
        if (random.Once(3))
            return Change(item, item.Metadata with { CreationTimestamp = random.Age });
        return Other(random, item) switch
        {
            var other when random.Once(3) => Change(item, item.Metadata with { Labels = other.Metadata.Labels, Annotations = other.Metadata.Annotations }),
            var other => Change(Mix(random, item, other), item.Metadata),
        };
    }

    private static KubernetesObject Other(Random random, KubernetesObject item) => item switch
    {
        Service => RandomServices.Service(random),
        EndpointSlice => RandomSlices.Slice(random),
        Pod => RandomPods.Pod(random),
        Namespace => RandomPods.Namespace(random),
        Node => RandomPods.Node(random),
        CiliumLocalRedirectPolicy => RandomPolicies.Namespaced(random),
        _ => RandomPolicies.Clusterwide(random),
    };

    private static KubernetesObject Mix(Random random, KubernetesObject item, KubernetesObject other) => (item, other) switch
    {
        (Service one, Service two) when random.Once(2) => one with { Status = two.Status },
        (Service one, Service two) => one with { Spec = two.Spec },
        (EndpointSlice one, EndpointSlice two) when random.Once(4) => one with { Ports = two.Ports },
        (EndpointSlice one, EndpointSlice two) => one with { Endpoints = two.Endpoints },
        (Pod one, Pod two) when random.Once(3) => one with { Spec = two.Spec },
        (Pod one, Pod two) => one with { Status = two.Status },
        (CiliumLocalRedirectPolicy one, CiliumLocalRedirectPolicy two) when random.Once(2) => one with { Backend = two.Backend },
        (CiliumLocalRedirectPolicy one, CiliumLocalRedirectPolicy two) => one with { Frontend = two.Frontend },
        (ClusterLocalRedirectPolicy one, ClusterLocalRedirectPolicy two) => one with { ClientSelector = two.ClientSelector, Priority = two.Priority },
        _ => other,
    };

    private static KubernetesObject Change(KubernetesObject item, ObjectMeta meta) => item switch
    {
        Service service => service with { Metadata = meta },
        EndpointSlice slice => slice with { Metadata = meta },
        Pod pod => pod with { Metadata = meta },
        Namespace ns => ns with { Metadata = meta },
        Node node => node with { Metadata = meta },
        CiliumLocalRedirectPolicy policy => policy with { Metadata = meta },
        ClusterLocalRedirectPolicy policy => policy with { Metadata = meta },
        _ => item,
    };
}
