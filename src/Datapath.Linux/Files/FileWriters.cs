using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Files;

/// <summary>Tells whether a file is being written, so that nobody takes half of it for the whole.</summary>
/// <remarks>Minimum kernel: 2.4, which has leases.</remarks>
public static class FileWriters
{
    /// <summary>
    /// Whether some process has the file open for writing. The kernel grants a read lease (fcntl(2), F_SETLEASE) only if nobody has; the lease
    /// is given back at once.
    /// </summary>
    /// <param name="file">The file, open for reading only.</param>
    /// <returns>
    /// <see langword="false"/> also where it cannot be known: on filesystems without leases (NFS, FUSE), and for files of other users
    /// without CAP_LEASE.
    /// </returns>
    public static bool Exist(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);

        // A writer that comes while the lease is held is announced by a signal, SIGIO by default, which would end the process.
        if (Libc.fcntl_file(file, Libc.F_SETSIG, Libc.SIGURG) < 0)
            return false;
        if (Libc.fcntl_file(file, Libc.F_SETLEASE, Libc.F_RDLCK) < 0)
            return (Errno)Marshal.GetLastPInvokeError() is Errno.EAGAIN;
        _ = Libc.fcntl_file(file, Libc.F_SETLEASE, Libc.F_UNLCK);
        return false;
    }
}
