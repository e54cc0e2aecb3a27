using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// A folder of manifests, read when it is asked for: the files <c>*.yaml</c>, <c>*.yml</c> and <c>*.json</c> in it, not those in folders below
/// and not those whose name starts with a dot. A file that has not changed is not read again.
/// </summary>
public sealed class ManifestFolder
{
    private readonly ManifestSet _manifests = new();
    private ImmutableArray<Diagnostic> _unreadable = [];

    /// <summary>Makes a reader.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">The clock that file times are compared with; the system's by default.</param>
    public ManifestFolder(string path, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        Contents = new(time ?? TimeProvider.System);
    }

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>The files as they were read.</summary>
    internal ChangedFiles Contents { get; }

    /// <summary>What there is to say about the files as they are now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => [.. _unreadable, .. _manifests.Diagnostics];

    /// <summary>Whether the last reading left a file out because it was being written: read again soon.</summary>
    public bool IsUnsettled => Contents.IsUnsettled;

    /// <summary>
    /// Reads what has changed. A file that cannot be read, and a folder that is gone, keep what they told last: to lose sight of objects is
    /// not to delete them.
    /// </summary>
    /// <returns>What changes.</returns>
    public ObjectBatch Read()
    {
        Contents.Begin();
        var unreadable = ImmutableArray.CreateBuilder<Diagnostic>();
        var changed = new List<ManifestFile>();
        if (ListFiles(unreadable) is { } files)
        {
            foreach (var gone in Contents.ForgetAllBut(files))
                changed.Add(new(gone, null));
            foreach (var file in files)
            {
                if (Contents.ReadIfChanged(file, unreadable) is { } content)
                    changed.Add(ManifestFile.FromUtf8(file, content));
            }
        }

        var isNews = !unreadable.SequenceEqual(_unreadable);
        _unreadable = unreadable.ToImmutable();
        var batch = _manifests.Apply([.. changed]);
        return batch with
        {
            Diagnostics = isNews ? [.. _unreadable, .. batch.Diagnostics] : batch.Diagnostics,
            IsPartial = IsUnsettled || Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error),
        };
    }

    /// <summary>
    /// Reads what has changed and waits for files that are being written, since they belong to it. A file that is not to be had for 10 s is
    /// left out, and there is a warning about it.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What changes.</returns>
    public async Task<ObjectBatch> ReadSettledAsync(CancellationToken cancellationToken = default)
    {
        var patience = Contents.Patience;
        var all = Read();
        while (await Contents.LookAgainAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            var more = Read();
            all = new(
                [.. all.Upserted.Where(o => !more.Deleted.Contains(o.Key)), .. more.Upserted],
                [.. all.Deleted, .. more.Deleted],
                [.. all.Diagnostics, .. more.Diagnostics])
            {
                IsPartial = more.IsPartial,
                Refused = [.. all.Refused.Where(o => !more.NoLongerRefused.Contains(o.Object)), .. more.Refused],
                NoLongerRefused = [.. all.NoLongerRefused, .. more.NoLongerRefused],
            };
        }

        return all;
    }

    private HashSet<string>? ListFiles(ImmutableArray<Diagnostic>.Builder unreadable)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path).Where(IsManifest)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(ChangedFiles.Unreadable(Path, e.Message));
            return null;
        }
    }

    private static bool IsManifest(string file)
    {
        var name = System.IO.Path.GetFileName(file.AsSpan());
        return name[0] != '.'
            && (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase));
    }
}
