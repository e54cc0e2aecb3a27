using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// Follows a folder of manifests. Changes are taken up when the folder has been quiet for a moment, so a burst is one step; files that are
/// still being written wait until they are closed.
/// </summary>
public sealed class ManifestFolderSource : IObjectSource, IDiagnosticSource
{
    private readonly ManifestFolderOptions _options;
    private readonly TimeProvider _time;
    private readonly string _path;
    private ImmutableArray<Diagnostic> _diagnostics = [];

    /// <summary>Makes a source.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How to follow it.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public ManifestFolderSource(string path, ManifestFolderOptions? options = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"the folder of manifests '{Path.GetFullPath(path)}' {(File.Exists(path) ? "is a file" : "does not exist")}");
        _path = path;
        _options = options ?? new();
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public ImmutableArray<Diagnostic> Diagnostics => _diagnostics;

    /// <summary>The folder.</summary>
    internal string FullPath => Path.GetFullPath(_path);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new ManifestFolder(_path, _time);
        using var follower = new FolderFollower(folder.Path, _options, _time);
        var first = await folder.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        var problem = follower.Problem;
        _diagnostics = [.. One(problem), .. folder.Diagnostics];
        yield return first with { Diagnostics = [.. One(problem), .. first.Diagnostics] };
        var wasPartial = first.IsPartial;

        while (true)
        {
            await follower.WaitAsync(folder.Contents, cancellationToken).ConfigureAwait(false);
            var batch = folder.Read();
            if (follower.Problem != problem)
            {
                problem = follower.Problem;
                batch = batch with { Diagnostics = [.. One(problem), .. batch.Diagnostics] };
            }

            _diagnostics = [.. One(problem), .. folder.Diagnostics];
            if (!batch.IsEmpty || !batch.Diagnostics.IsEmpty || batch.IsPartial != wasPartial)
                yield return batch;
            wasPartial = batch.IsPartial;
        }
    }

    private static Diagnostic[] One(Diagnostic? diagnostic) => diagnostic is null ? [] : [diagnostic];
}
