using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A value in each socket, freed with the socket. Does not own the map.</summary>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>
/// The kernel reads and writes one socket at a time: it neither lists the sockets that have a value nor takes a value away and tells it in
/// one step. Minimum kernel: 5.2.
/// </remarks>
public sealed unsafe class BpfSocketStorage<TValue>
    where TValue : unmanaged
{
    private readonly MapCalls _calls;

    internal BpfSocketStorage(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.SkStorage, map.Info, "is no socket storage");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        _calls = new(map);
    }

    /// <summary>Copies a socket's value out of the kernel.</summary>
    /// <param name="socket">The socket: a <see cref="Socket.SafeHandle"/>, or another handle of its descriptor.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the socket has a value.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.EBADF"/> or <see cref="Errno.ENOTSOCK"/> if it is no socket.</exception>
    public bool TryGetValue(SafeHandle socket, out TValue value)
    {
        value = default;
        using var lease = Lease(socket);
        var fd = lease.Fd;
        fixed (TValue* v = &value)
        {
            var errno = _calls.Lookup(&fd, v);
            if (errno is Errno.ENOENT)
                return false;
            _calls.ThrowIfRefused(errno, $"look up socket {fd} in map '{_calls.Name}'");
            return true;
        }
    }

    /// <summary>Gives a socket a value, or another one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.EBADF"/> or <see cref="Errno.ENOTSOCK"/> if it is no socket.</exception>
    public void Set(SafeHandle socket, in TValue value)
    {
        using var lease = Lease(socket);
        var fd = lease.Fd;
        _calls.ThrowIfRefused(_calls.Update(in fd, in value, 0), $"update socket {fd} in map '{_calls.Name}'");
    }

    /// <summary>Gives a socket a value, unless it has one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it had none.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.EBADF"/> or <see cref="Errno.ENOTSOCK"/> if it is no socket.</exception>
    public bool TryAdd(SafeHandle socket, in TValue value)
    {
        using var lease = Lease(socket);
        return _calls.IsAdded(_calls.Update(lease.Fd, in value, MapCalls.OnlyNew), "a socket");
    }

    /// <summary>Gives a socket another value, if it has one (<c>BPF_EXIST</c>).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it had one.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.EBADF"/> or <see cref="Errno.ENOTSOCK"/> if it is no socket.</exception>
    public bool TryReplace(SafeHandle socket, in TValue value)
    {
        using var lease = Lease(socket);
        return _calls.IsReplaced(_calls.Update(lease.Fd, in value, MapCalls.OnlyExisting), "a socket");
    }

    /// <summary>Takes a socket's value away.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>Whether it had one.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.EBADF"/> or <see cref="Errno.ENOTSOCK"/> if it is no socket.</exception>
    public bool Remove(SafeHandle socket)
    {
        using var lease = Lease(socket);
        var fd = lease.Fd;
        var errno = _calls.Delete(&fd);
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"remove socket {fd} from map '{_calls.Name}'");
        return true;
    }

    private static FdLease Lease(SafeHandle socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new(socket);
    }
}
