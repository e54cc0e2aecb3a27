using System.Net;
using Datapath.Policy;
using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>A manifest of the sample.</summary>
internal sealed class Manifest
{
    public const string NodeName = "worker-1";

    private Manifest(string file)
    {
        File = file;
        Path = System.IO.Path.Combine(AppContext.BaseDirectory, "node-local-dns", file);
        Text = System.IO.File.ReadAllText(Path);
    }

    public static Manifest KubeDns { get; } = new("kube-dns.yaml");

    public static Manifest Policy { get; } = new("policy.yaml");

    public static Manifest Client { get; } = new("client.yaml");

    public static IReadOnlyList<Manifest> Caches { get; } = [new("cache-1.yaml"), new("cache-2.yaml")];

    public string File { get; }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The same, but the pod in it is not ready.</summary>
    public string NotReady => Text.Replace("""status: "True" """.TrimEnd(), """status: "False" """.TrimEnd(), StringComparison.Ordinal);

    /// <summary>The addresses of the pod in it, as the cluster would have given them.</summary>
    public IPAddress[] PodAddresses =>
        [.. Content.Objects.OfType<Pod>().Single().Addresses.Select(static text => IPAddress.Parse(text))];

    private ManifestContent Content
    {
        get
        {
            var content = ManifestReader.Read(Text, File);
            return content.HasErrors ? throw new SampleException(string.Join("; ", content.Diagnostics)) : content;
        }
    }
}
