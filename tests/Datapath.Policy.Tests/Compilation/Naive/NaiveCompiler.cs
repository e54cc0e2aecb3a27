namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>
/// The rules once more, without a thought for speed: everything at once, from the objects that exist. Written from the rules alone, so
/// that a mistake has to be made twice to go unnoticed.
/// </summary>
internal sealed class NaiveCompiler
{
    private NaiveCompiler(IReadOnlyCollection<KubernetesObject> objects, NaiveCluster cluster)
    {
        var services = cluster.Services.Where(service => !NaiveFrontends.IsSkipped(service, cluster)).ToDictionary(service => service.ServiceName);
        var claims = new NaiveClaims([
            .. services.Values.Select(service => new NaiveClaimant(
                service.ServiceName, service.Metadata, IsPod: false, NaiveFrontends.Of(service, cluster))),
            .. NaiveHostPorts.Of(cluster),
        ]);
        var redirects = new NaiveRedirects(NaivePolicy.All(cluster), claims, cluster);
        foreach (var holder in claims.Holders)
        {
            var backends = holder.IsPod ? [] : NaiveBackends.Of(services[holder.Name], cluster);
            Services[holder.Name] = new(holder.Name, [
                .. holder.Frontends
                    .Select(frontend => holder.IsPod ? frontend : NaiveBackends.Fill(frontend, services[holder.Name], backends, cluster))
                    .Select(frontend => frontend with
                    {
                        NodeAddresses = [.. claims.NodeAddresses(frontend, cluster.Node)],
                        OtherNodeAddresses = [.. claims.OtherNodeAddresses(frontend, cluster)],
                    })
                    .Select(frontend => redirects.Redirect(frontend, holder.Name)),
            ]);
        }

        foreach (var service in redirects.Services(Services.Values.SelectMany(service => service.Frontends)))
            Services[service.Name] = service;
        foreach (var pod in NaivePods.Of(cluster))
            Pods.Add(pod.Name, pod);
        Conditions = NaiveStatuses.Of(objects, cluster, Services, claims, redirects);
    }

    /// <summary>The services of the desired state.</summary>
    public Dictionary<ServiceName, DesiredService> Services { get; } = [];

    /// <summary>The pods of the desired state.</summary>
    public Dictionary<PodName, LocalPod> Pods { get; } = [];

    /// <summary>What became of each object.</summary>
    public Dictionary<ObjectKey, ObjectCondition> Conditions { get; }

    public static NaiveCompiler Compile(
        IReadOnlyCollection<KubernetesObject> objects, NodeConfiguration node,
        IReadOnlyDictionary<(ServiceName Service, L4Address Backend), bool>? health = null) =>
        new(objects, new([.. objects.Where(item => NaiveCluster.IsValid(item, node))], node, health ?? new Dictionary<(ServiceName, L4Address), bool>()));
}
