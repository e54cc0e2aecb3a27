using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>The cgroups of pods. kubelet puts the UID of a pod into the name of its cgroup, with dashes or, where systemd makes them, with underscores.</summary>
internal static class PodCgroups
{
    private const string Root = "kubepods";
    private const string Prefix = "pod";
    private const string SlicePrefix = "-pod";
    private const string SliceEnd = ".slice";

    /// <summary>
    /// The UID of the pod that a cgroup belongs to: <c>/kubepods/burstable/pod1f-2e/...</c> or, under systemd,
    /// <c>/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f_2e.slice/...</c>.
    /// </summary>
    /// <remarks>Elsewhere a name may have the UID as the API server makes them, like a GUID: a runtime without kubelet names cgroups as it likes.</remarks>
    /// <returns><see langword="null"/> if it belongs to none.</returns>
    public static string? UidOf(string path)
    {
        var parts = path.Split('/');
        return parts.SkipWhile(static part => !part.Contains(Root, StringComparison.Ordinal)).Skip(1).Select(UidIn).FirstOrDefault(static uid => uid is { Length: > 0 })
            ?? parts.Select(GuidIn).FirstOrDefault(static uid => uid is not null);
    }

    /// <summary>The cgroups of a pod below a cgroup, the topmost of each branch: those with the UID in their name, for a runtime without kubelet may name them otherwise.</summary>
    public static IEnumerable<FoundCgroup> Find(string root, string uid)
    {
        var underscored = uid.Replace('-', '_');
        return Walk(root);

        IEnumerable<FoundCgroup> Walk(string folder)
        {
            foreach (var child in ChildrenOf(folder))
            {
                var name = Path.GetFileName(child);
                if (name.Contains(uid, StringComparison.Ordinal) || name.Contains(underscored, StringComparison.Ordinal))
                {
                    if (TryOpen(child) is { } cgroup)
                        yield return new(cgroup);
                    continue;
                }

                foreach (var found in Walk(child))
                    yield return found;
            }
        }
    }

    /// <summary>Opens a cgroup; <see langword="null"/> if it is gone.</summary>
    public static Cgroup? TryOpen(string path)
    {
        try
        {
            return Cgroup.Open(path);
        }
        catch (CgroupNotFoundException)
        {
            return null; // gone meanwhile
        }
    }

    private static string? UidIn(string part)
    {
        if (part.StartsWith(Prefix, StringComparison.Ordinal))
            return part[Prefix.Length..];
        var start = part.LastIndexOf(SlicePrefix, StringComparison.Ordinal);
        return start >= 0 && part.EndsWith(SliceEnd, StringComparison.Ordinal) ? part[(start + SlicePrefix.Length)..^SliceEnd.Length].Replace('_', '-') : null;
    }

    private static string? GuidIn(string part)
    {
        const int Length = 36;
        for (var start = 0; start + Length <= part.Length; start++)
        {
            if (Guid.TryParseExact(part.AsSpan(start, Length), "D", out _))
                return part.Substring(start, Length);
            if (part[start + 8] == '_' && part.Substring(start, Length).Replace('_', '-') is var dashed && Guid.TryParseExact(dashed, "D", out _))
                return dashed;
        }

        return null;
    }

    private static string[] ChildrenOf(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return []; // cgroups come and go
        }
    }
}
