namespace Datapath.Linux.Services;

/// <summary>The cgroups of pods, as kubelet names them.</summary>
internal static class PodCgroup
{
    private const string Prefix = "pod";
    private const string SlicePrefix = "-pod";
    private const string SliceEnd = ".slice";
    private const string Root = "kubepods";

    /// <summary>
    /// The UID of the pod that a cgroup belongs to: <c>/kubepods/burstable/pod1f-2e/...</c> or, where systemd names them,
    /// <c>/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f_2e.slice/...</c>.
    /// </summary>
    /// <returns><see langword="null"/> if it belongs to none.</returns>
    public static string? UidOf(string path)
    {
        var isBelowRoot = false;
        foreach (var part in path.Split('/'))
        {
            if (isBelowRoot && UidIn(part) is { Length: > 0 } uid)
                return uid;
            isBelowRoot |= part.Contains(Root, StringComparison.Ordinal);
        }

        return null;
    }

    private static string? UidIn(string part)
    {
        if (part.StartsWith(Prefix, StringComparison.Ordinal))
            return part[Prefix.Length..];
        var start = part.LastIndexOf(SlicePrefix, StringComparison.Ordinal);
        return start >= 0 && part.EndsWith(SliceEnd, StringComparison.Ordinal) ? part[(start + SlicePrefix.Length)..^SliceEnd.Length].Replace('_', '-') : null;
    }
}
