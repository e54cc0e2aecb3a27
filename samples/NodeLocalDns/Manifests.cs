using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>The objects of the cluster.</summary>
internal static class Manifests
{
    public const string NodeName = "worker-1";

    public static Manifest KubeDns { get; } = Read("kube-dns.yaml");

    public static Manifest Policy { get; } = Read("policy.yaml");

    public static Manifest Client { get; } = Read("client.yaml");

    /// <summary>The cache that is there at first, and the one that takes its place.</summary>
    public static IReadOnlyList<Manifest> Caches { get; } = [Read("cache-1.yaml"), Read("cache-2.yaml")];

    private static Manifest Read(string file) => new("node-local-dns", file);
}
