namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfProgram
{
    /// <summary>Reads everything that the kernel says of the program now. Minimum kernel: 4.13.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ProgramDetails ReadDetails() => ProgramDetails.Read(Handle, new());
}
