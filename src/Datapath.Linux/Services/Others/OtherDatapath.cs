namespace Datapath.Linux.Services;

/// <summary>Another datapath whose programs serve a cgroup, or one above or below it.</summary>
/// <param name="Cgroup">The cgroup that it serves: its directory.</param>
/// <param name="Place">Where that is, seen from the cgroup in question.</param>
/// <param name="OwnerPid">The process that signed its state last, by the number that it has for itself; 0 if none has.</param>
internal sealed record OtherDatapath(string Cgroup, CgroupPlace Place, uint OwnerPid)
{
    /// <summary>Its pin folder; <see langword="null"/> if it has none, or none that this process sees.</summary>
    public string? BpfRoot { get; init; }

    /// <summary>The process that manages the pins, as this process's PID namespace has its number; <see langword="null"/> if there is none, or none that it shows.</summary>
    public int? Manager { get; init; }

    /// <summary>Whether its pins alone keep it, as far as can be seen: programs without pins go with their process.</summary>
    public bool IsLeft => BpfRoot is not null && Manager is null;

    /// <summary>What it is, where it is, and what to do if it is not wanted.</summary>
    public override string ToString()
    {
        var where = Place switch
        {
            CgroupPlace.Same => "serves it too",
            CgroupPlace.Above => $"serves '{Cgroup}' above it",
            CgroupPlace.Below => $"serves '{Cgroup}' below it",
            _ => throw new InvalidOperationException($"there is no place {Place}"),
        };
        return (BpfRoot, Manager) switch
        {
            ({ } root, null) => $"a datapath that no process manages {where}, with pins in '{root}', by what it was told last; to remove it: datapath-agent uninstall --bpf-root {root}",
            ({ } root, { } manager) => $"a datapath of process {manager}, with pins in '{root}', {where}",
            (null, _) => $"a datapath of {(OwnerPid == 0 ? "another process" : $"process {OwnerPid}")} {where}",
        };
    }
}

/// <summary>Where a cgroup is, seen from another.</summary>
internal enum CgroupPlace
{
    /// <summary>It is that one.</summary>
    Same,

    /// <summary>That one is somewhere below it.</summary>
    Above,

    /// <summary>It is somewhere below that one.</summary>
    Below,
}
