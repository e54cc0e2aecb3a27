namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// A record has another size than the type that it was to be read as: the program and its reader disagree. An enumeration has passed
/// the record over, so that a new one gets the next.
/// </summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public sealed class RecordSizeException : IOException
{
    internal RecordSizeException(string type, int expected, int actual)
        : base($"a record has {actual} bytes, {type} has {expected}") => (Expected, Actual) = (expected, actual);

    /// <summary>Bytes of the type.</summary>
    public int Expected { get; }

    /// <summary>Bytes of the record.</summary>
    public int Actual { get; }
}
