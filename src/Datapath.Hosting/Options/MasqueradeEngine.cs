using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>What translates packets.</summary>
public enum MasqueradeEngine
{
    /// <summary>eBPF programs, see <see cref="LinuxMasquerade"/>.</summary>
    Ebpf,

    /// <summary>A table of nf_tables and the kernel's connection tracking, see <see cref="NftablesMasquerade"/>.</summary>
    Nftables,
}
