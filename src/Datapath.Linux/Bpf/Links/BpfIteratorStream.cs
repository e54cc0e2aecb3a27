using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>Reads what an iterator writes. A FileStream would ask the descriptor for its place and size, which it does not have.</summary>
internal sealed unsafe class BpfIteratorStream(SafeFileHandle handle, string name) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        fixed (byte* data = buffer)
        {
            while (true)
            {
                var length = Libc.read_file(handle, data, (nuint)buffer.Length);
                if (length >= 0)
                    return (int)length;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno is not (Errno.EINTR or Errno.EAGAIN)) // EAGAIN: the kernel gave up the CPU after a million objects without output
                    throw new IOException($"read the walk of '{name}'", new BpfException($"read the walk of '{name}'", errno));
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }
}
