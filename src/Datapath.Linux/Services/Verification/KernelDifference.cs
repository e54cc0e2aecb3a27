namespace Datapath.Linux;

/// <summary>How the kernel differs from what it should hold.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum KernelDifferenceKind
{
    /// <summary>It should be there and is not, or makes no sense.</summary>
    Missing,

    /// <summary>It is there and should not be.</summary>
    Surplus,

    /// <summary>It is another than it should be.</summary>
    Different,
}

/// <summary>One difference between what the kernel holds and what it should hold.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Subject">What differs: the address of a frontend, the addresses and ports of a range, or <c>program</c> and a name.</param>
/// <param name="Details">In what, as it is and as it should be; empty if there is nothing to say.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record KernelDifference(KernelDifferenceKind Kind, string Subject, string Details);
