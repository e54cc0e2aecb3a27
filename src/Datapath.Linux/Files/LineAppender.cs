using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Files;

/// <summary>
/// Appends lines to a regular file, to a pipe or to standard output, and never waits for who reads: what has no room at the moment is left to the caller.
/// </summary>
/// <remarks>Minimum kernel: 4.11, which has statx(2).</remarks>
public sealed unsafe class LineAppender : IDisposable
{
    // PIPE_BUF: pipes take so much as a whole or not at all. The page that a stream's socket takes at once is no smaller.
    private const int MostAtOnce = 4096;

    private readonly FileKind _kind;
    private readonly bool _isOwn; // else others write there, too, and its flags are theirs

    private LineAppender(SafeFileHandle handle, FileKind kind, bool isOwn) => (Handle, _kind, _isOwn) = (handle, kind, isOwn);

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a regular file, which is made if it is not there, or a pipe that somebody has open for reading. Anything else is refused.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="mode">Who may do what with a new file, less the umask.</param>
    /// <exception cref="LinuxException">The file cannot be opened, or is neither; the message says what it must be.</exception>
    public static LineAppender Open(string path, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var handle = Libc.open_new(path, Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_CLOEXEC, (uint)mode);
        try
        {
            var errno = handle.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            if (errno is not Errno.None)
                throw new LinuxException($"open '{path}'", errno, errno is Errno.ENXIO ? "it is a pipe that nobody reads, or a socket" : null);
            var kind = KindOf(handle, path);
            return kind is FileKind.Regular or FileKind.Pipe
                ? new(handle, kind, isOwn: true)
                : throw new LinuxException($"open '{path}'", Errno.EINVAL, "it must be a regular file, or a pipe that somebody reads");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Standard output, whatever it is.</summary>
    /// <exception cref="LinuxException">There is none.</exception>
    public static LineAppender OpenStandardOutput()
    {
        var handle = new SafeFileHandle(1, ownsHandle: false);
        return new(handle, KindOf(handle, "standard output"), isOwn: false);
    }

    /// <summary>Appends lines, as many as there is room for. A regular file that takes only a part has nothing of it afterwards.</summary>
    /// <param name="lines">Whole lines, each with its end.</param>
    /// <returns>How many bytes were taken; the rest finds no room now. Whole lines, unless others write to standard output as well.</returns>
    /// <exception cref="LinuxException">Nothing can be written: the file system is full (ENOSPC), nobody reads the pipe any more (EPIPE).</exception>
    public int Append(ReadOnlySpan<byte> lines) => _kind is FileKind.Regular && _isOwn ? AppendAll(lines) : AppendPieces(lines);

    /// <summary>Closes the file, unless it is standard output.</summary>
    public void Dispose() => Handle.Dispose();

    private static FileKind KindOf(SafeFileHandle handle, string what)
    {
        LinuxException.ThrowIfFailed(Libc.GetFileKind(handle, out var kind), $"read what {what} is");
        return kind;
    }

    private int AppendAll(ReadOnlySpan<byte> lines)
    {
        var end = RandomAccess.GetLength(Handle);
        for (var written = 0; written < lines.Length;)
        {
            var errno = Write(lines[written..], out var count);
            written += count;
            if (errno is Errno.None)
                continue;
            if (written > 0)
                RandomAccess.SetLength(Handle, end);
            throw new LinuxException("append to the file", errno);
        }

        return lines.Length;
    }

    private int AppendPieces(ReadOnlySpan<byte> lines)
    {
        var written = 0;
        while (written < lines.Length)
        {
            var errno = Write(PieceOf(lines[written..]), out var count);
            written += count;
            if (errno is Errno.EAGAIN)
                break;
            LinuxException.ThrowIfFailed(errno, "write to the pipe");
        }

        return written;
    }

    // As many whole lines as are taken at once.
    private static ReadOnlySpan<byte> PieceOf(ReadOnlySpan<byte> lines)
    {
        if (lines.Length <= MostAtOnce)
            return lines;
        var end = lines[..MostAtOnce].LastIndexOf((byte)'\n');
        return lines[..(end < 0 ? MostAtOnce : end + 1)];
    }

    private Errno Write(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        fixed (byte* data = bytes)
        {
            while (true)
            {
                if (!_isOwn && _kind is not (FileKind.Regular or FileKind.Socket) && !HasRoom())
                    return Errno.EAGAIN;
                var written = _kind is FileKind.Socket
                    ? Libc.send(Handle, data, (nuint)bytes.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL)
                    : Libc.write_file(Handle, data, (nuint)bytes.Length);
                if (written >= 0)
                {
                    count = (int)written;
                    return Errno.None;
                }

                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno is not Errno.EINTR)
                    return errno;
            }
        }
    }

    // An error is told by the write.
    private bool HasRoom()
    {
        var asked = new PollFd { Fd = (int)Handle.DangerousGetHandle(), Events = Libc.POLLOUT };
        return Libc.poll(&asked, 1, 0) != 0;
    }
}
