using System.Collections.Immutable;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>The cgroups of the machine's processes, as far as /proc shows them, held against the one that is served.</summary>
internal sealed class ServedCgroups
{
    private const int Queried = 8;

    private ServedCgroups(string? own, ImmutableArray<string> below, ImmutableArray<string> outside) => (Own, Below, Outside) = (own, below, outside);

    /// <summary>The cgroup of this process if it is not served; <see langword="null"/> if it is.</summary>
    public string? Own { get; }

    /// <summary>Directories of cgroups with processes that are served.</summary>
    public ImmutableArray<string> Below { get; }

    /// <summary>Names of cgroups with processes that are not served, as the cgroup namespace of this process has them.</summary>
    public ImmutableArray<string> Outside { get; }

    /// <summary>Looks at all processes.</summary>
    public static ServedCgroups Find(Cgroup served)
    {
        // The mount on which the served cgroup lies names it; a process's cgroup is named from the same root, with "/.." for what is above it.
        var mount = MountInfo.ReadCurrent().Reverse()
            .Where(m => m.FileSystemType is "cgroup2" && (served.Path + '/').StartsWith(m.MountPoint.TrimEnd('/') + '/', StringComparison.Ordinal))
            .MaxBy(static m => m.MountPoint.Length);
        if (mount is null)
            return new(Cgroup2.GetCurrentPath(), [], []);
        return Sort(new CgroupMount(mount.MountPoint, mount.Root, IsWholeHierarchy: false), served.Path, Cgroup2.GetCurrentPath(), NamesOfProcesses());
    }

    /// <summary>Sorts the names of cgroups.</summary>
    internal static ServedCgroups Sort(CgroupMount mount, string served, string own, IEnumerable<string> names)
    {
        var name = CgroupName.Parse(mount.Root.TrimEnd('/') + served[mount.Path.TrimEnd('/').Length..]);
        var (below, outside) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        foreach (var text in names.Distinct().Order(StringComparer.Ordinal))
        {
            var other = CgroupName.Parse(text);
            if (other.IsAtOrBelow(name) is false)
                outside.Add(text);
            else if (other.PathFrom(name) is { } path)
                below.Add(served.TrimEnd('/') + path);
        }

        return new(CgroupName.Parse(own).IsAtOrBelow(name) is false ? own : null, below.ToImmutable(), outside.ToImmutable());
    }

    /// <summary>Of a few served cgroups, the hooks at which our program is not among those that run in the end.</summary>
    public IEnumerable<string> FindDisplaced(HookSet hooks)
    {
        foreach (var path in Below.Take(Queried - 1).Append(Below.LastOrDefault()).Distinct())
        {
            if (path is null || !Directory.Exists(path))
                continue; // its last process has ended meanwhile
            var cgroup = Cgroup.Open(path);
            foreach (var link in hooks.Links)
            {
                if (!AttachedCgroupPrograms.QueryEffective(cgroup, link.Hook).ProgramIds.Contains(link.ProgramId))
                    yield return $"program '{link.Name}' does not run for cgroup '{path}': another program is attached there that leaves no room, or its link was detached";
            }
        }
    }

    private static IEnumerable<string> NamesOfProcesses()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(folder[^1]) || KernelFile.TryRead(folder + "/cgroup", out var text) is not Errno.None)
                continue; // no process, or one that has ended meanwhile
            foreach (var line in text.Split('\n'))
            {
                if (line.StartsWith("0::/", StringComparison.Ordinal) && !line.EndsWith(" (deleted)", StringComparison.Ordinal))
                    yield return line[3..];
            }
        }
    }
}
