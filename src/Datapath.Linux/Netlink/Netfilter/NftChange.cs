namespace Datapath.Linux.Netlink;

/// <summary>Somebody else changed a table of nf_tables, or may have.</summary>
/// <param name="Program">The name of the program; <see langword="null"/> if it is not known.</param>
/// <param name="ProcessId">Its process, as the machine's first process sees its number; 0 if it is not known.</param>
/// <param name="AreLost">Whether changes were lost, of whatever table: nobody knows what.</param>
internal readonly record struct NftChange(string? Program, int ProcessId, bool AreLost = false);
