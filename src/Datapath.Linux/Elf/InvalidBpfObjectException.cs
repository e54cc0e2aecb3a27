namespace Datapath.Linux.Elf;

/// <summary>An eBPF object file cannot be used: it is broken, or it uses something that the loader does not offer. The message says what and where.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class InvalidBpfObjectException : FormatException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">What is wrong, and where in the file.</param>
    public InvalidBpfObjectException(string message)
        : base(message)
    {
    }
}
