namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// What stands in a ring buffer cannot have been written by the kernel. Either something else wrote to its memory or a second reader moved
/// its position. Nothing more can be read from it.
/// </summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public sealed class CorruptRingException : IOException
{
    internal CorruptRingException(string message)
        : base(message)
    {
    }
}
