namespace Datapath.Linux;

/// <summary>How long what is in the kernel lives.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum DatapathLifetime
{
    /// <summary>
    /// Pinned to the bpf filesystem: goes on working when the process ends, however it ends, and is adopted by the next start.
    /// </summary>
    Pinned,

    /// <summary>Held by the process alone: when it ends, however it ends, nothing is left.</summary>
    Process,
}
