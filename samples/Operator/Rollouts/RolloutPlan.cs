using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Operator.Rollouts;

/// <summary>Makes a rollout into a service.</summary>
internal static class RolloutPlan
{
    /// <summary>An address as it is always written: it identifies the backend.</summary>
    public static string Canonical(string address) => IPAddress.TryParse(address, out var ip) ? ip.ToString() : address;

    /// <summary>What an operator that starts again takes for what is in force; <see langword="null"/>: nothing is.</summary>
    public static RolloutSpec? InForce(KubernetesItem<Rollout> item) =>
        ((RolloutSpec?[])[item.Object?.Spec, item.Object?.Status?.Applied]).FirstOrDefault(static spec => spec is not null && !RolloutCheck.Check(spec).Any());

    /// <summary>The backends that are wanted, with their weights.</summary>
    public static ServiceBackend[] Backends(RolloutSpec spec) =>
        [.. Backends(spec, AddressFamily.InterNetwork), .. Backends(spec, AddressFamily.InterNetworkV6)];

    /// <summary>The service with these backends.</summary>
    public static ServiceBuilder Service(KubernetesMetadata metadata, RolloutSpec spec, IEnumerable<ServiceBackend> backends)
    {
        var builder = new ServiceBuilder(metadata.Namespace, metadata.Name).ClusterIP([.. spec.Addresses]).Port(spec.Port, spec.TargetPort);
        if (metadata.CreationTimestamp is { } created)
            _ = builder.CreatedAt(created); // of two rollouts for one address the older has it, also after a restart
        foreach (var backend in backends)
            _ = builder.Backend(backend);
        return builder;
    }

    /// <summary>
    /// Each backend of a release gets the same part of what the release gets. A client has one family, so each family is shared out by itself; one that only
    /// one release has is all that release's.
    /// </summary>
    private static IEnumerable<ServiceBackend> Backends(RolloutSpec spec, AddressFamily family)
    {
        string[] stable = [.. Of(spec.Stable, family)], canary = [.. Of(spec.Canary, family)];
        var (ofStable, ofCanary) = (stable.Length, canary.Length) switch
        {
            (_, 0) => (100, 0),
            (0, _) => (0, spec.Weight > 0 ? 100 : 0),
            var (stables, canaries) => Reduce((100 - spec.Weight) * canaries, spec.Weight * stables),
        };
        return stable.Select(address => new ServiceBackend(address) { Weight = ofStable }).Concat(canary.Select(address => new ServiceBackend(address) { Weight = ofCanary }));
    }

    private static IEnumerable<string> Of(IEnumerable<string> addresses, AddressFamily family) =>
        addresses.Where(address => IPAddress.Parse(address).AddressFamily == family).Select(Canonical);

    private static (int Stable, int Canary) Reduce(int stable, int canary)
    {
        var divisor = (int)BigInteger.GreatestCommonDivisor(stable, canary);
        return (stable / divisor, canary / divisor);
    }
}
