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
            if (Path.GetDirectoryName(path) is { } above && CgroupPlace.IsCgroup(above))
                Watch(above, Path.GetFileName(path));
            if (pins is null)
                return;
            Watch(pins.Path, "*");
            Watch(PinFolder.MapsOf(pins.Path), "*");
            Watch(PinFolder.LinksOf(pins.Path), "*");
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

    private void Watch(string folder, string filter)
    {
        FileSystemWatcher watcher;
        try
        {
            watcher = new(folder, filter) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
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
