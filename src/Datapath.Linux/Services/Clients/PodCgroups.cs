using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>Finds the cgroups of pods: runtimes put the UID of a pod into the name of its cgroup, with dashes or, under systemd, with underscores.</summary>
internal static class PodCgroups
{
    /// <summary>The cgroups of a pod below a cgroup, the topmost of each branch.</summary>
    public static IEnumerable<ClientId> Find(string root, string uid)
    {
        var underscored = uid.Replace('-', '_');
        return Walk(root);

        IEnumerable<ClientId> Walk(string folder)
        {
            foreach (var child in ChildrenOf(folder))
            {
                var name = Path.GetFileName(child);
                if (name.Contains(uid, StringComparison.Ordinal) || name.Contains(underscored, StringComparison.Ordinal))
                {
                    if (TryOpen(child) is { } cgroup)
                        yield return ClientId.Cgroup(cgroup.Id);
                    continue;
                }

                foreach (var found in Walk(child))
                    yield return found;
            }
        }
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

    private static Cgroup? TryOpen(string path)
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
}
