using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

/// <summary>A descriptor of a map, program, link or BTF. What it names lives on if it is pinned, attached or held by another descriptor.</summary>
/// <remarks>Minimum kernel: 3.18.</remarks>
public sealed class SafeBpfHandle : SafeHandleMinusOneIsInvalid
{
    /// <summary>Makes an invalid handle.</summary>
    public SafeBpfHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes over a descriptor that bpf(2) returned.</summary>
    internal SafeBpfHandle(int fd)
        : this() => SetHandle(MoveAboveStandardStreams(fd));

    /// <summary>What the descriptor is of, for whoever uses it too late: <c>map 'numbers' (Hash)</c>.</summary>
    internal string? Owner { get; set; }

    /// <summary>Keeps the descriptor open while its number stands in a struct, where no marshaller sees it.</summary>
    /// <exception cref="ObjectDisposedException">The descriptor is closed.</exception>
    internal FdLease Lease()
    {
        ThrowIfClosed();
        return new(this);
    }

    /// <exception cref="ObjectDisposedException">The descriptor is closed; the exception names what it was of.</exception>
    internal void ThrowIfClosed()
    {
        if (IsClosed)
            throw Closed();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;

    private ObjectDisposedException Closed() => new(Owner ?? GetType().FullName);

    // A process started without standard streams may get descriptor 0, which means "none" in many fields of union bpf_attr.
    private static int MoveAboveStandardStreams(int fd)
    {
        if (fd is < 0 or > 2)
            return fd;
        var moved = Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 3);
        var errno = moved < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        _ = Libc.close(fd);
        LinuxException.ThrowIfFailed(errno, $"move descriptor {fd} above the standard streams");
        return moved;
    }
}

/// <summary>A descriptor's number, valid until disposed.</summary>
internal ref struct FdLease
{
    private readonly SafeHandle _handle;
    private bool _isHeld;

    public FdLease(SafeHandle handle)
    {
        _handle = handle;
        handle.DangerousAddRef(ref _isHeld);
    }

    public readonly uint Fd => (uint)_handle.DangerousGetHandle();

    public void Dispose()
    {
        if (_isHeld)
            _handle.DangerousRelease();
        _isHeld = false;
    }
}
