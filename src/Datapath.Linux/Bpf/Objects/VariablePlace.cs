namespace Datapath.Linux.Bpf;

/// <summary>Where a variable stands in its section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Bytes from the start of the section.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="TypeName">Its type as C writes it; empty if the object does not tell.</param>
internal sealed record VariablePlace(string Name, int Offset, int Size, string TypeName);
