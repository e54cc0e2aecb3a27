namespace Datapath.Linux;

/// <summary>What an earlier process left in the kernel cannot be adopted. The message says why and what to do.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class IncompatibleStateException : InvalidOperationException
{
    internal IncompatibleStateException(string message)
        : base(message)
    {
    }
}
