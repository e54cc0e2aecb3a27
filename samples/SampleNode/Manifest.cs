using System.Net;
using Datapath.Policy;

namespace Datapath.SampleNode;

/// <summary>A manifest that comes with a sample.</summary>
public sealed class Manifest
{
    /// <summary>Reads a manifest.</summary>
    /// <param name="folder">The folder of the sample's manifests beside the program.</param>
    /// <param name="file">Its name.</param>
    public Manifest(string folder, string file)
    {
        File = file;
        Text = System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, folder, file));
    }

    /// <summary>The name of the file.</summary>
    public string File { get; }

    /// <summary>What is in it.</summary>
    public string Text { get; }

    /// <summary>The same, but the pod in it is not ready.</summary>
    public string NotReady => Text.Replace("type: Ready, status: \"True\"", "type: Ready, status: \"False\"", StringComparison.Ordinal);

    /// <summary>The UID of the pod in it.</summary>
    public string PodUid => Pod.Metadata.Uid ?? throw new SampleException($"the pod in {File} has no metadata.uid");

    /// <summary>The addresses of the pod in it, as the cluster would have given them.</summary>
    public IPAddress[] PodAddresses => [.. Pod.Addresses.Select(static text => IPAddress.Parse(text))];

    private Pod Pod
    {
        get
        {
            var content = ManifestReader.Read(Text, File);
            return content.HasErrors ? throw new SampleException(string.Join("; ", content.Diagnostics)) : content.Objects.OfType<Pod>().Single();
        }
    }
}
