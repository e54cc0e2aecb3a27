using System.Runtime.InteropServices;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>Files with a kernel's types.</summary>
internal static unsafe class KernelTypeFile
{
    /// <summary>
    /// The running kernel's own. Linux 6.16 lends out the memory in which it has them: nothing is copied, and no page of it is this process's. An
    /// older kernel copies them, a page per call.
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static ReadOnlyMemory<byte> ReadRunning(string path)
    {
        using var handle = Open(path, out var size);
        return size <= Array.MaxLength && LentMemory.TryMap(handle, (int)size) is { } lent ? lent.Memory : Types(handle, path, size);
    }

    /// <summary>Those of a file.</summary>
    /// <exception cref="LinuxException">The file cannot be read, or is no regular file.</exception>
    /// <exception cref="InvalidBpfObjectException">It holds no types.</exception>
    public static ReadOnlyMemory<byte> Read(string path)
    {
        using var handle = Open(path, out var size);
        return Types(handle, path, size);
    }

    private static ReadOnlyMemory<byte> Types(SafeFileHandle handle, string path, long size) =>
        BtfContainer.Open($"'{path}'", (offset, length) => Copy(handle, path, offset, length), size);

    private static SafeFileHandle Open(string path, out long size)
    {
        // Without O_NONBLOCK to open a FIFO is to wait for a writer.
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var handle), $"read '{path}'");
        try
        {
            LinuxException.ThrowIfFailed(Libc.GetFileKind(handle, out var kind), $"read what '{path}' is");
            if (kind is not FileKind.Regular)
                throw new LinuxException($"read '{path}'", Errno.EINVAL, "it is no regular file");
            size = RandomAccess.GetLength(handle);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // One buffer of the piece's own size: it is megabytes.
    private static ReadOnlyMemory<byte> Copy(SafeFileHandle handle, string path, long offset, int size)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        var length = 0;
        while (length < bytes.Length)
        {
            nint read;
            fixed (byte* free = &bytes[length])
                read = Libc.read_file_at(handle, free, (nuint)(bytes.Length - length), offset + length);
            var errno = read < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            if (errno is Errno.EINTR)
                continue;
            LinuxException.ThrowIfFailed(errno, $"read '{path}'");
            if (read == 0)
                throw new InvalidBpfObjectException($"BTF: '{path}' ends after {offset + length} of {offset + size} bytes");
            length += (int)read;
        }

        return bytes;
    }
}
