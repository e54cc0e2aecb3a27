using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>
/// Hears of what may be a fault: a cgroup that goes, pins that go. The kernel tells of these at once; that a program is detached, or a filesystem mounted over
/// the pins, it tells nobody.
/// </summary>
internal sealed class FaultSigns : IDisposable
{
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Action _suspected;

    /// <summary>Listens.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="pins">The pins, if there are any.</param>
    /// <param name="suspected">Told, on a thread of the pool. It must not throw.</param>
    /// <exception cref="LinuxException">The kernel has no room for it (EMFILE, ENOSPC).</exception>
    public FaultSigns(Cgroup cgroup, PinFolder? pins, Action suspected)
    {
        _suspected = suspected;
        try
        {
            // The root of the hierarchy cannot be removed, and of one in a container nothing above is seen.
            var path = Path.GetFullPath(cgroup.Path);
            if (Path.GetDirectoryName(path) is { } above && CgroupDirectory.IsCgroup(above))
                Watch(above, Path.GetFileName(path), isDeep: false);
            if (pins is not null)
                Watch(pins.Path, "*", isDeep: true); // one for all folders in it: each takes a thread, and an instance of inotify, of which users have 128
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers)
            watcher.Dispose();
    }

    private void Watch(string folder, string filter, bool isDeep)
    {
        FileSystemWatcher watcher;
        try
        {
            watcher = new(folder, filter) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName, IncludeSubdirectories = isDeep };
        }
        catch (ArgumentException)
        {
            _suspected(); // the folder is gone already
            return;
        }

        _watchers.Add(watcher);
        watcher.Deleted += (_, _) => _suspected();
        watcher.Renamed += (_, _) => _suspected();
        watcher.Error += (_, _) => _suspected();
        try
        {
            watcher.EnableRaisingEvents = true;
        }
        catch (FileNotFoundException)
        {
            _suspected();
        }
        catch (IOException e)
        {
            throw new LinuxException($"watch '{folder}'", Errno.EMFILE, e.Message);
        }
    }
}
