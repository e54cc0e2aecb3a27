namespace Datapath.Linux.Bpf;

/// <summary>The kinds of programs (<c>enum bpf_prog_type</c>).</summary>
public enum ProgramType : uint
{
    /// <summary>Runs when a process of a cgroup names an address to a socket. Minimum kernel: 4.17.</summary>
    CgroupSockAddr = 18,
}
