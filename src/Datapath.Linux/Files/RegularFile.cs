using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Files;

/// <summary>Opens files that whoever fills a folder has chosen.</summary>
/// <remarks>Minimum kernel: 4.11, which has statx(2).</remarks>
public static class RegularFile
{
    /// <summary>
    /// Opens a regular file, or what a symbolic link leads to, for reading. Anything else is refused: a FIFO would make the reader wait for
    /// ever, a device may have no end.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or the link leads nowhere.</exception>
    /// <exception cref="LinuxException">The file may not be opened, or is no regular file.</exception>
    public static SafeFileHandle OpenForReading(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var errno = KernelFile.TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var handle);
        try
        {
            if (errno is Errno.ENOENT or Errno.ENOTDIR)
                throw new FileNotFoundException($"'{path}' does not exist", path);
            LinuxException.ThrowIfFailed(errno, $"open '{path}'");
            LinuxException.ThrowIfFailed(Libc.GetFileKind(handle, out var kind), $"read what '{path}' is");
            return kind is FileKind.Regular ? handle : throw new LinuxException($"open '{path}'", Errno.EINVAL, "it is no regular file");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
