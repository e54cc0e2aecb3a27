namespace Datapath.Linux.Bpf;

/// <summary>Which cgroups an iterator visits, and in which order. The numbers are the kernel's (<c>enum bpf_cgroup_iter_order</c>).</summary>
/// <remarks>Minimum kernel: 6.1.</remarks>
public enum CgroupWalk
{
    /// <summary>The one that was named.</summary>
    Self = 1,

    /// <summary>It and all below, each before those below it.</summary>
    SubtreeParentsFirst = 2,

    /// <summary>It and all below, each after those below it.</summary>
    SubtreeChildrenFirst = 3,

    /// <summary>It and all above, up to the root.</summary>
    Ancestors = 4,
}
