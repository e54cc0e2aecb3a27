namespace Datapath.Linux.Bpf;

/// <summary>How full a map is.</summary>
/// <param name="Map">Its name in the object file.</param>
/// <param name="Entries">Elements in use.</param>
/// <param name="MaxEntries">Elements that fit.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MapFill(string Map, long Entries, long MaxEntries);
