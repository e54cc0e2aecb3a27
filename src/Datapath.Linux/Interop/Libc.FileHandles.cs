using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    private const int FILEID_KERNFS = 0xfe;

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle open_by_handle_at(SafeFileHandle mount, KernfsHandle* what, int flags);

    /// <summary>Opens a file of cgroupfs or sysfs by its inode. Needs CAP_DAC_READ_SEARCH.</summary>
    /// <param name="mount">Anything open on the filesystem.</param>
    /// <param name="inode">The inode.</param>
    /// <param name="handle">The file: ESTALE if there is none.</param>
    internal static Errno OpenKernfsInode(SafeFileHandle mount, ulong inode, out SafeFileHandle handle)
    {
        var what = new KernfsHandle { Length = sizeof(ulong), Type = FILEID_KERNFS, Inode = inode };
        handle = open_by_handle_at(mount, &what, O_RDONLY | O_CLOEXEC);
        return handle.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary><c>struct file_handle</c> with what kernfs puts behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct KernfsHandle
    {
        public uint Length;
        public int Type;
        public ulong Inode;
    }
}
