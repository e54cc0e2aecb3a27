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
    /// <summary>How soon to look again at files that were being written.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

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
            throw new DirectoryNotFoundException($"the folder of manifests '{path}' does not exist");
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
        var first = folder.Read();

        // The first batch is the whole list: what is half written now belongs to it.
        var patience = _time.GetUtcNow() + _options.Poll;
        while (folder.IsUnsettled && _time.GetUtcNow() < patience)
        {
            await Task.Delay(s_again, _time, cancellationToken).ConfigureAwait(false);
            var more = folder.Read();
            first = new(
                [.. first.Upserted.Where(o => !more.Deleted.Contains(o.Key)), .. more.Upserted], [], [.. first.Diagnostics, .. more.Diagnostics]);
        }

        _diagnostics = folder.Diagnostics;
        yield return first;

        var again = s_again;
        while (true)
        {
            // What is not settled is looked at again soon at first, then ever less often.
            again = folder.IsUnsettled ? TimeSpan.FromTicks(Math.Min(again.Ticks * 2, _options.Poll.Ticks)) : s_again;
            var isTold = await watcher.WaitAsync(folder.IsUnsettled ? again : _options.Poll, _time, cancellationToken).ConfigureAwait(false);
            if (isTold)
                await SettleAsync(watcher, cancellationToken).ConfigureAwait(false);
            watcher.Refresh();
            var batch = folder.Read();
            _diagnostics = folder.Diagnostics;
            if (!batch.IsEmpty || !batch.Diagnostics.IsEmpty)
                yield return batch;
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
