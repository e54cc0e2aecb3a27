using Datapath.Linux.Namespaces;

namespace Datapath.Linux.Services;

/// <summary>
/// Names who dials: by <paramref name="pods"/> if they know the client; otherwise by the pod of its cgroup; otherwise by the last part of the cgroup's path
/// and, unless that is this process's own, the network namespace: <c>nginx.service@blue</c>.
/// </summary>
internal sealed class ClientNames(IClientNames? pods, CgroupNames cgroups) : IClientNames
{
    private readonly NamespaceNames _namespaces = new();
    private readonly ulong _own = ReadOwn();

    public string? NameOf(ulong netnsCookie, ulong cgroupId)
    {
        if (pods?.NameOf(netnsCookie, cgroupId) is { } known)
            return known;
        var cgroup = cgroups.NameOf(cgroupId);
        if (cgroup is { IsPod: true } || netnsCookie == _own)
            return cgroup?.Text;
        return _namespaces.NameOf(netnsCookie) is { } netns ? $"{cgroup?.Text}@{netns}" : cgroup?.Text;
    }

    private static ulong ReadOwn()
    {
        using var own = NetworkNamespace.OpenCurrent();
        return own.Cookie;
    }
}
