namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfMap
{
    /// <summary>Reads everything that the kernel says of the map now. Minimum kernel: 4.13.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public MapDetails ReadDetails() => MapDetails.Read(Handle);
}
