using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_TYPE = 0x1;
    internal const uint STATX_INO = 0x100;
    internal const ushort S_IFMT = 0xf000;
    internal const ulong CGROUP2_SUPER_MAGIC = 0x63677270;
    internal const ulong NSFS_MAGIC = 0x6e736673;

    /// <summary>statx(2): unlike struct stat its layout is the same on every architecture.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle directory, string path, int flags, uint mask, StatX* result);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstatfs(SafeFileHandle fd, StatFs* result);

    /// <summary>The inode number of what <paramref name="handle"/> has open.</summary>
    internal static Errno GetInode(SafeFileHandle handle, out ulong inode)
    {
        StatX result;
        var failed = statx(handle, "", AT_EMPTY_PATH, STATX_INO, &result) < 0;
        inode = failed ? 0 : result.Inode;
        return failed ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>What <paramref name="handle"/> has open, as /proc/locks names it: the device's numbers and the inode.</summary>
    internal static Errno GetLockName(SafeFileHandle handle, out string name)
    {
        StatX result;
        var failed = statx(handle, "", AT_EMPTY_PATH, STATX_INO, &result) < 0;
        name = failed ? "" : string.Create(CultureInfo.InvariantCulture, $"{result.DeviceMajor:x2}:{result.DeviceMinor:x2}:{result.Inode}");
        return failed ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>What <paramref name="handle"/> has open; there are more kinds than have a name.</summary>
    internal static Errno GetFileKind(SafeFileHandle handle, out FileKind kind)
    {
        StatX result;
        var failed = statx(handle, "", AT_EMPTY_PATH, STATX_TYPE, &result) < 0;
        kind = failed ? default : (FileKind)(result.Mode & S_IFMT);
        return failed ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>The magic number of the filesystem on which <paramref name="handle"/> lies.</summary>
    internal static Errno GetFileSystemType(SafeFileHandle handle, out ulong magic)
    {
        StatFs result;
        var failed = fstatfs(handle, &result) < 0;
        magic = failed ? 0 : result.Type;
        return failed ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>struct statx; only the type, the inode and the device are read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    /// <summary>struct statfs of 64-bit Linux, with room to spare; only the type is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatFs
    {
        [FieldOffset(0)] public ulong Type;
    }
}
