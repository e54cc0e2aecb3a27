using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Waits for changes of a folder and for the quiet after them, and passes on which files are not to be trusted any more.</summary>
internal sealed class FolderFollower(string path, ManifestFolderOptions options, TimeProvider time) : IDisposable
{
    /// <summary>How soon to look again at files that are not settled: no event tells that a writer has closed its file.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    private readonly FolderWatcher _watcher = new(path);

    /// <summary>Why the folder is only looked at now and then; <see langword="null"/> if it is watched, or is not there.</summary>
    public Diagnostic? Problem => _watcher.Problem is not { } problem ? null : new()
    {
        Severity = DiagnosticSeverity.Warning,
        File = path,
        Reason = $"is not watched, only looked at every {options.Poll.TotalSeconds} s: {problem}",
    };

    /// <summary>Waits until it is time to read again.</summary>
    /// <param name="files">The files of the folder that were read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(ChangedFiles files, CancellationToken cancellationToken)
    {
        if (await _watcher.WaitAsync(files.IsUnsettled ? s_again : options.Poll, time, cancellationToken).ConfigureAwait(false))
            await SettleAsync(cancellationToken).ConfigureAwait(false);
        if (_watcher.Refresh())
            files.Distrust();
        files.Distrust(path, _watcher.TakeNames());
    }

    public void Dispose() => _watcher.Dispose();

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var latest = time.GetUtcNow() + options.LongestSettle;
        while (time.GetUtcNow() < latest && await _watcher.WaitAsync(options.Settle, time, cancellationToken).ConfigureAwait(false))
        {
            // something happened again
        }
    }
}
