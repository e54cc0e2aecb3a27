namespace Datapath.Hosting;

/// <summary>
/// Tells that something happened in a folder, and to which names. The folder above is watched too: it tells when the folder itself is
/// replaced, or comes back.
/// </summary>
internal sealed class FolderWatcher : IDisposable
{
    private readonly NewsSignal _news = new();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly FileSystemWatcher? _above;
    private FileSystemWatcher? _inside;
    private string? _target;
    private volatile bool _isOutdated;

    /// <summary>Watches a folder.</summary>
    /// <param name="path">Its absolute path, without a slash at the end.</param>
    public FolderWatcher(string path)
    {
        _path = path;
        if (Path.GetDirectoryName(path) is { } above)
            _above = TryWatch(above, Path.GetFileName(path), (_, _) => Lose());
        _ = Refresh();
    }

    /// <summary>Why the folder is not watched although it is there, for example because the machine's inotify instances are used up.</summary>
    public string? Problem { get; private set; }

    /// <summary>Watches the folder that the path leads to now, which may have been replaced or come back since.</summary>
    /// <returns>Whether it had to watch anew, so that nobody knows which names something happened to.</returns>
    public bool Refresh()
    {
        var target = Directory.Exists(_path) ? Directory.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path : null;
        if (target == _target && _inside is not null && !_isOutdated)
            return false;
        _isOutdated = false;
        _inside?.Dispose();
        _inside = null;
        _target = target;
        Problem = null;
        if (target is not null)
            _inside = TryWatch(target, "*", (_, e) => Signal(e.Name));
        if (_inside is not null)
            Signal(name: null); // what happened before the watch began
        return true;
    }

    /// <summary>Waits for something to happen.</summary>
    /// <returns>Whether it did, before the time was up.</returns>
    public Task<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken) => _news.WaitAsync(longest, time, cancellationToken);

    /// <summary>The names in the folder that something happened to since the last call.</summary>
    public string[] TakeNames()
    {
        lock (_gate)
        {
            string[] names = [.. _names];
            _names.Clear();
            return names;
        }
    }

    public void Dispose()
    {
        _above?.Dispose();
        _inside?.Dispose();
    }

    private FileSystemWatcher? TryWatch(string folder, string filter, FileSystemEventHandler tell)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new(folder, filter)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
                IncludeSubdirectories = false,
            };
            watcher.Changed += tell;
            watcher.Created += tell;
            watcher.Deleted += tell;
            watcher.Renamed += (sender, e) => tell(sender, e);
            watcher.Error += (_, _) => Lose(); // events were lost
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            watcher?.Dispose();
            Problem = Directory.Exists(folder) ? e.Message : null; // it may have gone at this moment
            return null;
        }
    }

    /// <summary>What is watched may be another folder by now: watch anew.</summary>
    private void Lose()
    {
        _isOutdated = true;
        Signal(name: null);
    }

    private void Signal(string? name)
    {
        if (name is not null)
        {
            lock (_gate)
                _ = _names.Add(name);
        }

        _news.Set();
    }
}
