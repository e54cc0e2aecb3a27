using System.Collections.Immutable;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>The programs, attached to a cgroup by links that live as long as the datapath is to.</summary>
internal sealed class HookSet : IDisposable
{
    private readonly ImmutableArray<CgroupLink> _links;

    private HookSet(ImmutableArray<CgroupLink> links) => _links = links;

    public int Count => _links.Length;

    public ImmutableArray<CgroupLink> Links => _links;

    /// <summary>
    /// Attaches all programs. Links that an earlier process pinned get the new programs in one atomic step each; those of other programs go.
    /// </summary>
    /// <param name="programs">The programs.</param>
    /// <param name="cgroup">The cgroup to serve.</param>
    /// <param name="pins">Where to pin the links; <see langword="null"/> to hold them by this object alone.</param>
    public static HookSet Attach(IEnumerable<BpfProgram> programs, Cgroup cgroup, PinFolder? pins)
    {
        var links = ImmutableArray.CreateBuilder<CgroupLink>();
        try
        {
            foreach (var program in programs.OrderBy(static p => p.Name, StringComparer.Ordinal))
                links.Add(pins is null ? CgroupLink.Attach(program, cgroup) : Adopt(program, cgroup, pins.LinkPath(program.Name)));
        }
        catch
        {
            foreach (var link in links)
                link.Dispose();
            throw;
        }

        var hooks = new HookSet(links.ToImmutable());
        if (pins is not null)
            hooks.DetachOthers(pins);
        return hooks;
    }

    public void Dispose()
    {
        foreach (var link in _links)
            link.Dispose();
    }

    // What an earlier process served, and this one is not to.
    private void DetachOthers(PinFolder pins)
    {
        var wanted = _links.Select(link => pins.LinkPath(link.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in pins.ListLinks().Where(path => !wanted.Contains(path)))
            PinFolder.Detach(path);
    }

    private static CgroupLink Adopt(BpfProgram program, Cgroup cgroup, string path)
    {
        if (File.Exists(path))
        {
            var pinned = CgroupLink.OpenPinned(path);
            if (pinned.CgroupId == cgroup.Id)
            {
                pinned.Update(program);
                return pinned;
            }

            // The cgroup was removed, or another one is to be served: attach there first, so that who is below both is always served.
            using (pinned)
            {
                var moved = CgroupLink.Attach(program, cgroup);
                File.Delete(path);
                moved.Pin(path);
                return moved;
            }
        }

        var link = CgroupLink.Attach(program, cgroup);
        link.Pin(path);
        return link;
    }
}
