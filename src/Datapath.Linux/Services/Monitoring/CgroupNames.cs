using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>Names a cgroup: by the pod that it belongs to, otherwise by the last part of its path. Each is looked up once.</summary>
/// <param name="pods">The pod of a UID.</param>
/// <param name="pathOf">The path of a cgroup's id, <see langword="null"/> if there is none.</param>
internal sealed class CgroupNames(Func<string, PodName?> pods, Func<ulong, string?> pathOf)
{
    private const int Most = 4096; // of cgroups that are long gone
    private readonly Dictionary<ulong, CgroupLabel?> _names = [];

    public CgroupNames(Func<string, PodName?> pods)
        : this(pods, static id => Cgroup2.FindById(id)?.Path)
    {
    }

    public CgroupLabel? NameOf(ulong id)
    {
        if (_names.TryGetValue(id, out var known))
            return known;
        if (_names.Count == Most)
            _names.Clear();
        var name = pathOf(id) is { } path ? NameOf(path) : null;

        // A pod may be told later than its first dial.
        if (name is not { IsPod: false, Uid: not null })
            _names.Add(id, name);
        return name;
    }

    private CgroupLabel NameOf(string path)
    {
        var uid = PodCgroups.UidOf(path);
        return uid is not null && pods(uid) is { } pod ? new(pod.ToString(), uid, IsPod: true) : new(Path.GetFileName(path), uid, IsPod: false);
    }
}

/// <summary>What a cgroup is called.</summary>
/// <param name="Text">The name.</param>
/// <param name="Uid">The UID in its path, <see langword="null"/> if it is no pod's.</param>
/// <param name="IsPod">Whether the name is a pod's.</param>
internal sealed record CgroupLabel(string Text, string? Uid, bool IsPod);
