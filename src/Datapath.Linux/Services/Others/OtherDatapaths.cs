using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>Finds other datapaths at a cgroup, above and below it: each has a link of a hook that all have, whose program has a map that all have.</summary>
internal static class OtherDatapaths
{
    private static readonly EnumerationOptions s_everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Finds them, in the order in which they were attached.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="ownLinks">The links that are no other datapath's, by id.</param>
    /// <returns><see langword="null"/> if this process may not look (CAP_SYS_ADMIN).</returns>
    public static ImmutableArray<OtherDatapath>? Find(Cgroup cgroup, IReadOnlySet<uint> ownLinks)
    {
        var found = ImmutableArray.CreateBuilder<OtherDatapath>();
        ImmutableDictionary<uint, string>? roots = null;
        var own = new Lazy<string?>(() => PathOf(cgroup.Id));
        try
        {
            foreach (var id in ObjectIds.Links.All())
            {
                if (ownLinks.Contains(id) || Read(id) is not { } link || PlaceOf(link.CgroupId, cgroup, own) is not { } place || OwnerOf(link.ProgramId) is not { } owner)
                    continue;
                roots ??= PinnedLinks();
                var root = roots.GetValueOrDefault(id);
                found.Add(new(place.Path, place.Place, owner) { BpfRoot = root, Manager = root is null ? null : ManagerOf(root) });
            }
        }
        catch (BpfException e) when (e.Errno is Errno.EPERM)
        {
            return null;
        }

        return found.ToImmutable();
    }

    /// <summary>The links that a pin folder holds, by id.</summary>
    public static HashSet<uint> LinksIn(PinFolder pins) => [.. pins.ListLinks().Select(IdOf).OfType<uint>()];

    /// <summary>Whether one that nobody managed is there still, and nobody has taken it over.</summary>
    public static bool IsStillLeft(OtherDatapath other) => Directory.Exists(PinFolder.LinksOf(other.BpfRoot!)) && ManagerOf(other.BpfRoot!) is null;

    private static (ulong CgroupId, uint ProgramId)? Read(uint id)
    {
        try
        {
            using var link = BpfLink.OpenById(id);
            return link is CgroupLink { Hook: AttachType.CgroupInet4Connect, CgroupId: not 0 } attached ? (attached.CgroupId, attached.Info.ProgramId) : null;
        }
        catch (BpfException e) when (ObjectIds.IsGone(e.Errno))
        {
            return null;
        }
    }

    /// <summary>The process that signed the state of a datapath's program, 0 if none has; <see langword="null"/> if the program is no datapath's, or is gone.</summary>
    private static uint? OwnerOf(uint programId)
    {
        try
        {
            using var program = BpfProgram.OpenById(programId);
            foreach (var mapId in program.ReadDetails().MapIds)
            {
                using var map = BpfMap.OpenById(mapId);
                if (map.Info.Name == SocketLbObject.State)
                    return StateMap.ReadOwner(map);
            }
        }
        catch (BpfException e) when (ObjectIds.IsGone(e.Errno))
        {
            // It ended meanwhile.
        }

        return null;
    }

    // Of others nobody needs to know.
    private static (CgroupPlace Place, string Path)? PlaceOf(ulong id, Cgroup cgroup, Lazy<string?> own)
    {
        if (id == cgroup.Id)
            return (CgroupPlace.Same, cgroup.Path);
        if (own.Value is not { } here || PathOf(id) is not { } path)
            return null;
        return IsBelow(here, path) ? (CgroupPlace.Above, path) : IsBelow(path, here) ? (CgroupPlace.Below, path) : null;
    }

    // Those above and below are told to people, and no reason to serve nobody: where paths cannot be had (CAP_DAC_READ_SEARCH), none is.
    private static string? PathOf(ulong cgroupId)
    {
        try
        {
            return Cgroup2.FindById(cgroupId)?.Path;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static bool IsBelow(string path, string other) => path.StartsWith(other.TrimEnd('/') + '/', StringComparison.Ordinal);

    private static int? ManagerOf(string root)
    {
        try
        {
            return FileLocks.FindHolder(root);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT)
        {
            return null; // it was uninstalled meanwhile
        }
    }

    /// <summary>The links that are pinned by datapaths, by id, each with the pin folder: on all bpf filesystems that this process sees.</summary>
    private static ImmutableDictionary<uint, string> PinnedLinks()
    {
        var links = ImmutableDictionary.CreateBuilder<uint, string>();
        foreach (var mount in MountInfo.ReadCurrent().Where(static mount => mount.FileSystemType is "bpf").Select(static mount => mount.MountPoint).Distinct().Where(Directory.Exists))
        {
            foreach (var path in Directory.EnumerateFiles(mount, "*", s_everywhere))
            {
                if (Path.GetDirectoryName(path) is { } folder && Path.GetDirectoryName(folder) is { } root && PinFolder.LinksOf(root) == folder && IdOf(path) is { } id)
                    links[id] = root;
            }
        }

        return links.ToImmutable();
    }

    private static uint? IdOf(string path)
    {
        try
        {
            using var link = BpfLink.OpenPinned(path);
            return link.Info.Id;
        }
        catch (BpfException) // no link, or gone meanwhile
        {
            return null;
        }
    }
}
