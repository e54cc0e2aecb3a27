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
    /// <summary>How soon to look again at files that are not settled: no event tells that a writer has closed its file.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

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
            throw new DirectoryNotFoundException($"the folder of manifests '{path}' {(File.Exists(path) ? "is a file" : "does not exist")}");
        _path = path;
        _options = options ?? new();
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public ImmutableArray<Diagnostic> Diagnostics => _diagnostics;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new ManifestFolder(_path, _time);
        using var watcher = new FolderWatcher(folder.Path);
        var first = await folder.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        var problem = watcher.Problem;
        _diagnostics = [.. Describe(problem), .. folder.Diagnostics];
        yield return first with { Diagnostics = [.. Describe(problem), .. first.Diagnostics] };
        var wasPartial = first.IsPartial;

        while (true)
        {
            if (await watcher.WaitAsync(folder.IsUnsettled ? s_again : _options.Poll, _time, cancellationToken).ConfigureAwait(false))
                await SettleAsync(watcher, cancellationToken).ConfigureAwait(false);
            if (watcher.Refresh())
                folder.Distrust();
            folder.Distrust(watcher.TakeNames());
            var batch = folder.Read();
            if (watcher.Problem != problem)
            {
                problem = watcher.Problem;
                batch = batch with { Diagnostics = [.. Describe(problem), .. batch.Diagnostics] };
            }

            _diagnostics = [.. Describe(problem), .. folder.Diagnostics];
            if (!batch.IsEmpty || !batch.Diagnostics.IsEmpty || batch.IsPartial != wasPartial)
                yield return batch;
            wasPartial = batch.IsPartial;
        }
    }

    private IEnumerable<Diagnostic> Describe(string? problem)
    {
        if (problem is not null)
        {
            var reason = $"is not watched, only looked at every {_options.Poll.TotalSeconds} s: {problem}";
            yield return new() { Severity = DiagnosticSeverity.Warning, File = _path, Reason = reason };
        }
    }

    private async Task SettleAsync(FolderWatcher watcher, CancellationToken cancellationToken)
    {
        var latest = _time.GetUtcNow() + _options.LongestSettle;
        while (_time.GetUtcNow() < latest && await watcher.WaitAsync(_options.Settle, _time, cancellationToken).ConfigureAwait(false))
        {
            // something happened again
        }
    }
}
