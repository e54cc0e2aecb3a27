using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>What has become of the programs: somebody may remove their cgroup, or detach them.</summary>
internal static class HookFaults
{
    /// <summary>What is amiss; <see langword="null"/> if all of them run. Costs a system call for each, and some for the cgroup.</summary>
    public static string? Find(Cgroup cgroup, HookSet hooks)
    {
        string[] detached = [.. hooks.Links.Where(static link => link.CgroupId == 0).Select(static link => link.Name)];
        var isThere = cgroup.IsThere;
        if (isThere is false || (isThere is null && detached.Length == hooks.Count))
            return OfCgroup(cgroup.Path);
        return detached.Length > 0 ? OfPrograms(cgroup.Path, detached, hooks.Count) : null;
    }

    public static string OfCgroup(string cgroup) => $"cgroup '{cgroup}' was removed: its programs serve nobody; start again with one that is there";

    public static string OfPrograms(string cgroup, string[] detached, int all) =>
        $"{detached.Length} of {all} programs were detached from cgroup '{cgroup}' ({string.Join(", ", detached)}): the dials that they are for are not served; start again";
}
