using System.Runtime.InteropServices;

namespace Datapath.Linux;

internal static partial class Libc
{
    internal const int RLIMIT_MEMLOCK = 8;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setrlimit(int resource, in ResourceLimit limit);
}

/// <summary>struct rlimit of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimit
{
    public ulong Soft;
    public ulong Hard;
}
