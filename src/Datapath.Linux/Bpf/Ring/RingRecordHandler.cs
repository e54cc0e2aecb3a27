namespace Datapath.Linux.Bpf.Ring;

/// <summary>Takes a record in place.</summary>
/// <param name="record">The record's bytes in the ring, aligned to 8; they must not be used after the return.</param>
/// <remarks>Minimum kernel: 5.8.</remarks>
public delegate void RingRecordHandler(ReadOnlySpan<byte> record);

/// <summary>Takes records in place. A struct that implements it is called without indirection.</summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public interface IRingRecordHandler
{
    /// <summary>Takes a record.</summary>
    /// <param name="record">The record's bytes in the ring, aligned to 8; they must not be used after the return.</param>
    void Handle(ReadOnlySpan<byte> record);
}
