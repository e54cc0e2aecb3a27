namespace Datapath.Hosting;

/// <summary>How a folder of manifests is followed.</summary>
public sealed record ManifestFolderOptions
{
    /// <summary>How long the folder must be quiet after a change before it is read. Default: 100 ms.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a folder that never gets quiet may put the reading off. Default: 1 s.</summary>
    public TimeSpan LongestSettle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often to look without being told, for filesystems that do not tell (NFS) and for lost events. Default: 10 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(10);
}
