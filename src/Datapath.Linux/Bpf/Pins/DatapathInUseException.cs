namespace Datapath.Linux;

/// <summary>Another process manages the same datapath, or has one at the same cgroup.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class DatapathInUseException : InvalidOperationException
{
    private DatapathInUseException(string message, string place, uint ownerPid)
        : base(message) => (Place, OwnerPid) = (place, ownerPid);

    /// <summary>The pin folder, the name of the table of nf_tables, or the cgroup.</summary>
    public string Place { get; }

    /// <summary>The other process, by the number that it has for itself; 0 if it has not signed yet, or is not known.</summary>
    public uint OwnerPid { get; }

    internal static DatapathInUseException OfPins(string bpfRoot, uint ownerPid) =>
        new($"process {ownerPid} already manages '{bpfRoot}'; stop it, or give this one a bpfRoot of its own", bpfRoot, ownerPid);

    internal static DatapathInUseException OfCgroup(string cgroup, uint ownerPid, string? bpfRoot = null)
    {
        var who = ownerPid == 0 ? "another process" : $"process {ownerPid}";
        return new(
            bpfRoot is null
                ? $"{who} already serves cgroup '{cgroup}' for as long as it runs; stop it, or give this one a cgroupRoot of its own"
                : $"{who} already serves cgroup '{cgroup}' with pins in '{bpfRoot}'; stop it, or give this one a cgroupRoot of its own; to take its place, stop it and set bpfRoot to '{bpfRoot}'",
            cgroup, ownerPid);
    }

    internal static DatapathInUseException OfTable(string table, uint ownerPid) =>
        new($"process {ownerPid} already manages table '{table}' of nf_tables in this network namespace; stop it first", table, ownerPid);
}
