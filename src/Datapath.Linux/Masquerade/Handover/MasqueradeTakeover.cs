namespace Datapath.Linux;

/// <summary>What became of the flows of another engine of masquerading whose place one took.</summary>
/// <param name="Place">What is gone: a pin folder, or a table of nf_tables.</param>
/// <param name="Flows">How many go on, with the address and port they had.</param>
/// <param name="Ended">
/// How many do not: of protocols without ports, whose destination somebody else translates, or that the kernel refused. Their next packet begins a new flow.
/// </param>
/// <param name="Reason">Why the kernel refused, for the first of those; <see langword="null"/> if it refused none.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeTakeover(string Place, int Flows, int Ended, string? Reason = null);
