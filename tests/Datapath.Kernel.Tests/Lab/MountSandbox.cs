using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A mount namespace of a thread's own: what is mounted and unmounted inside, nobody else sees.</summary>
internal static unsafe partial class MountSandbox
{
    private const int CloneFs = 0x200;
    private const int CloneNewNs = 0x20000;
    private const nuint MsRec = 0x4000;
    private const nuint MsPrivate = 0x40000;

    /// <summary>Runs an action inside, on a thread that ends with it.</summary>
    public static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Check(unshare(CloneFs | CloneNewNs), "unshare");
                Check(mount(null, "/", null, MsRec | MsPrivate, null), "make mounts private");
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Mounts a bpf filesystem of its own on a folder.</summary>
    public static void MountBpf(string path) => Check(mount("bpf", path, "bpf", 0, null), $"mount a bpf filesystem on {path}");

    /// <summary>Unmounts whatever is mounted on a folder, one above the other.</summary>
    public static void UnmountAll(string path)
    {
        while (umount2(path, 2) == 0)
        {
        }
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new LinuxException(what, (Errno)Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? type, nuint flags, void* data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string path, int flags);
}
