using System.Threading.Channels;

namespace Datapath.Hosting;

/// <summary>Tells that something happened in a folder. What it was does not matter: whoever is told looks at the whole folder.</summary>
internal sealed class FolderWatcher : IDisposable
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _path;
    private FileSystemWatcher? _watcher;
    private string? _target;

    public FolderWatcher(string path)
    {
        _path = path;
        Refresh();
    }

    /// <summary>Watches the folder that the path leads to now, which may have been replaced or come back since.</summary>
    public void Refresh()
    {
        var target = Directory.Exists(_path) ? Directory.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path : null;
        if (target == _target && _watcher is not null)
            return;
        _watcher?.Dispose();
        _watcher = null;
        _target = target;
        if (target is null)
            return;
        _watcher = new(target)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            IncludeSubdirectories = false,
        };
        _watcher.Changed += Signal;
        _watcher.Created += Signal;
        _watcher.Deleted += Signal;
        _watcher.Renamed += Signal;
        _watcher.Error += (_, _) =>
        {
            _target = null; // events were lost or the folder is gone: look, and watch anew
            _ = _signals.Writer.TryWrite(true);
        };
        _watcher.EnableRaisingEvents = true;
        _ = _signals.Writer.TryWrite(true); // what happened before the watch began
    }

    /// <summary>Waits for something to happen.</summary>
    /// <returns>Whether it did, before the time was up.</returns>
    public async Task<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, longest, Timeout.InfiniteTimeSpan);
        try
        {
            return await _signals.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _watcher?.Dispose();

    private void Signal(object sender, FileSystemEventArgs e) => _signals.Writer.TryWrite(true);
}
