namespace Datapath.Linux.Bpf;

/// <summary>A BTF object: types of the kernel, of a module or of somebody's programs.</summary>
/// <param name="Id">Its number, unique while the machine runs.</param>
/// <param name="Name"><c>vmlinux</c> or the module; empty for types that user space loaded. Minimum kernel: 5.11.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsKernel">Whether it is the kernel's or a module's. Minimum kernel: 5.11.</param>
public sealed record BtfDetails(uint Id, string Name, uint Size, bool IsKernel)
{
    /// <summary>Whether it is a module's.</summary>
    public bool IsModule => IsKernel && Name != "vmlinux";
}
