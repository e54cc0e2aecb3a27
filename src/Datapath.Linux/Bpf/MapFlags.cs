namespace Datapath.Linux.Bpf;

/// <summary>Flags of a map (<c>BPF_F_*</c>).</summary>
[Flags]
public enum MapFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>BPF_F_NO_PREALLOC</c>: elements are allocated when they are added.</summary>
    NoPrealloc = 1 << 0,

    /// <summary><c>BPF_F_RDONLY_PROG</c>: programs may only read. Minimum kernel: 5.2.</summary>
    ReadOnlyForPrograms = 1 << 7,

    /// <summary><c>BPF_F_MMAPABLE</c>: an array that can be mapped into memory. Minimum kernel: 5.5.</summary>
    Mappable = 1 << 10,
}
