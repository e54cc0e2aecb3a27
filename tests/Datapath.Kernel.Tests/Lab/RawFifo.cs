using System.Runtime.InteropServices;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Makes pipes that have a path.</summary>
internal static partial class RawFifo
{
    private const uint OwnersAlone = 0x180; // rw-------

    /// <returns>0, or -1.</returns>
    public static int Make(string path) => mkfifo(path, OwnersAlone);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}
