using Datapath.BpfObjects;
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
    /// <returns><see langword="null"/> if somebody else has it who is no datapath.</returns>
    /// <exception cref="DatapathInUseException">Another datapath has it.</exception>
    /// <exception cref="LinuxException">The cgroup is gone, or the kernel refused.</exception>
    public static SafeFileHandle? Take(Cgroup cgroup, ILogger? logger)
    {
        if (PinFolder.TryLock(cgroup.Path) is { } handle)
            return handle;

        // Whoever may read the directory may lock it, and most users may: the lock alone is no reason to serve nobody.
        if (FindOwner(cgroup) is { } owner)
            throw DatapathInUseException.OfCgroup(cgroup.Path, owner);
        if (logger is not null)
            Log.LockedByOther(logger, cgroup.Path);
        return null;
    }

    /// <summary>The process whose datapath is attached; 0 if there may be one that is not known, <see langword="null"/> if there is none.</summary>
    private static uint? FindOwner(Cgroup cgroup)
    {
        var owners = new HashSet<uint>();
        foreach (var id in AttachedCgroupPrograms.Query(cgroup, AttachType.CgroupInet4Connect).ProgramIds)
        {
            try
            {
                if (OwnerOf(id) is { } owner)
                    _ = owners.Add(owner);
            }
            catch (BpfException e) when (e.Errno is Errno.EPERM)
            {
                return 0; // whose they are is for CAP_SYS_ADMIN to know
            }
            catch (BpfException e) when (e.Errno is Errno.ENOENT)
            {
                // It ended meanwhile.
            }
        }

        return owners.Count == 0 ? null : owners.Count == 1 ? owners.Single() : 0;
    }

    private static uint? OwnerOf(uint programId)
    {
        using var program = BpfProgram.OpenById(programId);
        foreach (var mapId in program.ReadDetails().MapIds)
        {
            using var map = BpfMap.OpenById(mapId);
            if (map.Info.Name == SocketLbObject.State)
                return StateMap.ReadOwner(map);
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Somebody has locked cgroup {Cgroup} who is no datapath, or is just starting one: a second datapath in it would not be noticed")]
        public static partial void LockedByOther(ILogger logger, string cgroup);
    }
}
