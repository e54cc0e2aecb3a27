namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>The engines that must give the same answers.</summary>
public enum NatEngine
{
    Ebpf,
    Nftables,
}
