namespace Datapath.Linux.Bpf;

/// <summary>What the kernel must know of a program beside its kind (<c>BPF_F_*</c> of a load).</summary>
/// <remarks>Minimum kernel: 5.0 for the oldest; each says its own.</remarks>
[Flags]
public enum ProgramFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>BPF_F_ANY_ALIGNMENT</c>: loads and stores need not be aligned. Minimum kernel: 5.0.</summary>
    AnyAlignment = 1 << 1,

    /// <summary><c>BPF_F_SLEEPABLE</c>: the program may sleep, for example to read memory that is not there. Minimum kernel: 5.10.</summary>
    Sleepable = 1 << 4,

    /// <summary><c>BPF_F_XDP_HAS_FRAGS</c>: the program takes packets of several pages. Minimum kernel: 5.18.</summary>
    HasFragments = 1 << 5,
}
