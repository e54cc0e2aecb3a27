using System.Collections.Immutable;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Services;

/// <summary>
/// Lets one datapath that lives with its process serve a cgroup: a lock on the cgroup's directory, which goes with the process, however that ends. All mounts
/// of cgroup2 are one filesystem, so containers see each other's. Those that are pinned have the lock of their folder, and may be beside it.
/// </summary>
internal static partial class CgroupLock
{
    /// <summary>Takes the lock for as long as the handle is open.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="others">Other datapaths there, above and below; <see langword="null"/> if this process may not know.</param>
    /// <param name="logger">Where to say that somebody else has it who is no datapath.</param>
    /// <returns><see langword="null"/> if somebody else has it who is no datapath.</returns>
    /// <exception cref="DatapathInUseException">Another datapath that lives with its process serves the cgroup.</exception>
    /// <exception cref="LinuxException">The cgroup is gone, or the kernel refused.</exception>
    public static SafeFileHandle? Take(Cgroup cgroup, ImmutableArray<OtherDatapath>? others, ILogger? logger)
    {
        if (PinFolder.TryLock(cgroup.Path) is { } handle)
            return handle;

        // Whoever may read the directory may lock it, and most users may: the lock alone is no reason to serve nobody.
        if (others?.FirstOrDefault(static other => other is { Place: CgroupPlace.Same, BpfRoot: null }) is { } other)
            throw DatapathInUseException.OfCgroup(cgroup.Path, other.OwnerPid);
        if (others is null && !AttachedCgroupPrograms.Query(cgroup, AttachType.CgroupInet4Connect).ProgramIds.IsEmpty)
            throw DatapathInUseException.OfCgroup(cgroup.Path, ownerPid: 0); // whose they are is for CAP_SYS_ADMIN to know
        if (logger is not null)
            Log.LockedByOther(logger, cgroup.Path);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Somebody has locked cgroup {Cgroup} who is no datapath, or is just starting one: a second datapath in it would not be noticed")]
        public static partial void LockedByOther(ILogger logger, string cgroup);
    }
}
