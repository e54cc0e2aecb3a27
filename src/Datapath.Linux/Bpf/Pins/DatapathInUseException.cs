namespace Datapath.Linux;

/// <summary>Another process manages the same datapath.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class DatapathInUseException : InvalidOperationException
{
    private DatapathInUseException(string message, string place, uint ownerPid)
        : base(message) => (Place, OwnerPid) = (place, ownerPid);

    /// <summary>The pin folder, the name of the table of nf_tables, or with the process's lifetime the cgroup.</summary>
    public string Place { get; }

    /// <summary>The other process, by the number that it has for itself; 0 if it has not signed yet, or is not known.</summary>
    public uint OwnerPid { get; }

    internal static DatapathInUseException OfPins(string bpfRoot, uint ownerPid) =>
        new($"{Words(ownerPid)} already manages '{bpfRoot}'; stop it, or give this one a bpfRoot of its own", bpfRoot, ownerPid);

    internal static DatapathInUseException OfCgroup(string cgroup, uint ownerPid) => new(
        $"{Words(ownerPid)} already serves cgroup '{cgroup}' for as long as it runs; stop it, or give this one a cgroupRoot of its own", cgroup, ownerPid);

    internal static DatapathInUseException OfTable(string table, uint ownerPid) =>
        new($"{Words(ownerPid)} already manages table '{table}' of nf_tables in this network namespace; stop it first", table, ownerPid);

    private static string Words(uint ownerPid) => ownerPid == 0 ? "another process" : $"process {ownerPid}";
}
