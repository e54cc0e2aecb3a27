using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>Where a variable stands in its section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Bytes from the start of the section.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="TypeName">Its type as C writes it; empty if the object does not tell.</param>
/// <param name="Layout">Its type, if the object tells.</param>
internal sealed record VariablePlace(string Name, int Offset, int Size, string TypeName, CPart? Layout)
{
    public static VariablePlace Of(BtfFile btf, string name, int offset, int size, uint type) =>
        new(name, offset, size, CText.TypeName(btf.Index, type), new(btf, type, name, 0, size));
}
