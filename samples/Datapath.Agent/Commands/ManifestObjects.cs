using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Agent.Commands;

/// <summary>The objects of a folder of manifests, and what there is to say of them.</summary>
internal sealed record ManifestObjects(ObjectBatch Batch, IReadOnlyCollection<Diagnostic> Diagnostics)
{
    public static ManifestObjects None { get; } = new(ObjectBatch.Empty, []);

    public static async Task<ManifestObjects> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var folder = new ManifestFolder(path);
        var batch = await folder.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        return new(batch, folder.Diagnostics);
    }
}
