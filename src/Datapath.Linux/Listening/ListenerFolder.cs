using Datapath.Linux.Bpf;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Listening;

/// <summary>The folder of pins by which a listener shows that it is there. Its lock ends with the process, however that ends.</summary>
internal sealed class ListenerFolder : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _lock;

    private ListenerFolder(string path, SafeFileHandle @lock) => (_path, _lock) = (path, @lock);

    /// <returns><see langword="null"/> if somebody else listens.</returns>
    /// <exception cref="LinuxException">There is no such folder, or it cannot be locked.</exception>
    public static ListenerFolder? TryTake(string path) => PinFolder.TryLock(path) is { } taken ? new(path, taken) : null;

    /// <summary>Whether the folder is in its place. What is pinned there by now may be another's: the maps of this one would be silent for ever.</summary>
    /// <exception cref="LinuxException">It may not be looked at.</exception>
    public bool IsInPlace() => PinFolder.IsStillAt(_path, _lock);

    public void Dispose() => _lock.Dispose();
}
