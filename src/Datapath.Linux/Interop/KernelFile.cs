using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

/// <summary>Small files of procfs, sysfs and cgroupfs. The classes of System.IO would hide the errno, which says what is wrong.</summary>
internal static unsafe class KernelFile
{
    /// <summary>Opens what exists, closed on exec.</summary>
    internal static Errno TryOpen(string path, int flags, out SafeFileHandle handle)
    {
        handle = Libc.open_existing(path, flags | Libc.O_CLOEXEC);
        return handle.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>Reads to the end.</summary>
    internal static Errno TryRead(string path, out string text)
    {
        text = KernelDouble.Current?.TextOf(path) ?? "";
        if (text.Length > 0)
            return Errno.None;
        var errno = TryOpen(path, Libc.O_RDONLY, out var handle);
        using (handle)
        {
            if (errno is not Errno.None)
                return errno;

            // The kernel forms many of these files per read(2); a large buffer lets most be one consistent picture.
            var buffer = new byte[32 * 1024];
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                nint read;
                fixed (byte* free = &buffer[length])
                    read = Libc.read_file(handle, free, (nuint)(buffer.Length - length));
                if (read < 0)
                {
                    errno = (Errno)Marshal.GetLastPInvokeError();
                    if (errno is Errno.EINTR)
                        continue;
                    return errno;
                }

                if (read == 0)
                    break;
                length += (int)read;
            }

            text = Encoding.UTF8.GetString(buffer, 0, length);
            return Errno.None;
        }
    }

    /// <summary>Reads to the end, or throws.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    internal static string Read(string path)
    {
        LinuxException.ThrowIfFailed(TryRead(path, out var text), $"read '{path}'");
        return text;
    }

    /// <summary>Writes <paramref name="text"/> in one write(2), as such files want it.</summary>
    internal static Errno TryWrite(string path, string text)
    {
        var errno = TryOpen(path, Libc.O_WRONLY, out var handle);
        using (handle)
        {
            if (errno is not Errno.None)
                return errno;
            var bytes = Encoding.UTF8.GetBytes(text);
            fixed (byte* data = bytes)
            {
                do
                    errno = Libc.write_file(handle, data, (nuint)bytes.Length) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
                while (errno is Errno.EINTR);
            }

            return errno;
        }
    }
}
