using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Services;

/// <summary>
/// Lets one process at a time have a datapath serve a cgroup: a lock on the cgroup's directory, which goes with the process, however that ends. All mounts
/// of cgroup2 are one filesystem, so containers see each other's. What a process left pinned has none, and goes on beside another.
/// </summary>
internal static partial class CgroupLock
{
    /// <summary>
    /// Opens what is to be locked. To be opened before the pin folder and closed before it: so who finds that free after a process that ended finds this free too.
    /// </summary>
    /// <exception cref="LinuxException">The cgroup is gone, or the kernel refused.</exception>
    public static SafeFileHandle Open(Cgroup cgroup) => cgroup.OpenHandle();

    /// <summary>Takes the lock for as long as the handle is open.</summary>
    /// <param name="handle">What <see cref="Open"/> gave.</param>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="others">Other datapaths there, above and below; <see langword="null"/> if nobody may know.</param>
    /// <param name="logger">Where to say that somebody else has it who is no datapath.</param>
    /// <exception cref="DatapathInUseException">Another process has a datapath at the cgroup.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Take(SafeFileHandle handle, Cgroup cgroup, ImmutableArray<OtherDatapath>? others, ILogger? logger)
    {
        var isTaken = Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) != 0;
        if (isTaken && (Errno)Marshal.GetLastPInvokeError() is not Errno.EAGAIN and var errno)
            throw new LinuxException($"lock '{cgroup.Path}'", errno);
        OtherDatapath[] beside = [.. (others ?? []).Where(static other => other.Place is CgroupPlace.Same)];

        // A version that does not lock the cgroup for what it pins has its folder locked.
        if (beside.FirstOrDefault(static other => other.Manager is not null) is { } managed)
            throw DatapathInUseException.OfCgroup(cgroup.Path, managed.OwnerPid, managed.BpfRoot);
        if (!isTaken)
            return;

        // Whoever may read the directory may lock it, and most users may: the lock alone is no reason to serve nobody.
        if (beside.FirstOrDefault(static other => !other.IsLeft || IsLocked(other.BpfRoot!)) is { } other)
            throw DatapathInUseException.OfCgroup(cgroup.Path, other.OwnerPid, other.BpfRoot);
        if (others is null && !AttachedCgroupPrograms.Query(cgroup, AttachType.CgroupInet4Connect).ProgramIds.IsEmpty)
            throw DatapathInUseException.OfCgroup(cgroup.Path, ownerPid: 0); // whose they are is for CAP_SYS_ADMIN to know
        if (logger is not null)
            Log.LockedByOther(logger, cgroup.Path);
    }

    // A manager in a PID namespace that this one does not show holds the lock of its folder none the less.
    private static bool IsLocked(string bpfRoot)
    {
        if (!Directory.Exists(bpfRoot))
            return false; // it was uninstalled meanwhile
        using var handle = PinFolder.TryLock(bpfRoot);
        return handle is null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Somebody has locked cgroup {Cgroup} who is no datapath, or is just starting one: a second datapath in it would not be noticed")]
        public static partial void LockedByOther(ILogger logger, string cgroup);
    }
}
