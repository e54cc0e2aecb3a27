namespace Datapath.Linux;

/// <summary>Another process manages the same datapath.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class DatapathInUseException : InvalidOperationException
{
    internal DatapathInUseException(string bpfRoot, uint ownerPid)
        : base($"process {ownerPid} already manages '{bpfRoot}'; stop it, or give this one a bpfRoot of its own") => (BpfRoot, OwnerPid) = (bpfRoot, ownerPid);

    /// <summary>The pin folder.</summary>
    public string BpfRoot { get; }

    /// <summary>The other process, by the number that it has for itself; 0 if it has not signed yet.</summary>
    public uint OwnerPid { get; }
}
