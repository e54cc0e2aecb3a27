using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>Why the kernel did not take an element, in words. All of it may pass, so the write is tried again.</summary>
internal static class WriteRefusal
{
    /// <summary>Says it.</summary>
    /// <param name="map">The map.</param>
    /// <param name="errno">What the kernel said.</param>
    /// <param name="things">What its elements are, in the plural.</param>
    /// <param name="option">The option that sets its size.</param>
    public static string Of(MapInfo map, Errno errno, string things, string option) => errno switch
    {
        Errno.E2BIG => $"map '{map.Name}' is full ({map.MaxEntries} {things}): raise {option}",

        // Elements that are not made in advance come from what the kernel has at hand at that moment.
        Errno.ENOMEM when map.Flags.HasFlag(MapFlags.NoPrealloc) => $"map '{map.Name}': the kernel has no memory for another element at the moment ({errno}); it is tried again",
        Errno.ENOMEM => $"map '{map.Name}': the kernel has no memory for another element ({errno}); a memory limit of this process's cgroup may be reached",
        _ => $"update map '{map.Name}': {errno}",
    };
}
