using Datapath.SampleNode;

namespace Datapath.MetadataProxy;

/// <summary>The objects of the cluster.</summary>
internal static class Manifests
{
    public const string NodeName = "worker-1";

    public static Manifest Policy { get; } = Read("policy.yaml");

    public static Manifest Client { get; } = Read("client.yaml");

    public static Manifest PodProxy { get; } = Read("pod-proxy.yaml");

    public static Manifest HostProxy { get; } = Read("host-proxy.yaml");

    /// <summary>The policy as it is, but without a ready proxy dials go where they would go without any policy.</summary>
    public static string FallbackPolicy { get; } = Policy.Text.Replace("on-no-backend: drop", "on-no-backend: fallback", StringComparison.Ordinal);

    private static Manifest Read(string file) => new("metadata-proxy", file);
}
