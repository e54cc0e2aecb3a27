namespace Datapath.Linux;

/// <summary>What a <see cref="LinuxDatapath"/> is to be.</summary>
/// <remarks>Minimum kernel: none; it is a value. <see cref="LinuxDatapath"/> says its own.</remarks>
public sealed record LinuxDatapathOptions
{
    /// <summary>
    /// The cgroup whose processes are served, by its directory on cgroup v2. Default, <see langword="null"/>: the root of the cgroup2 mount,
    /// and with it every process of the machine.
    /// </summary>
    public string? CgroupRoot { get; init; }

    /// <summary>Where pins go, a folder of this datapath alone on a bpf filesystem. Default: <c>/sys/fs/bpf/datapath</c>.</summary>
    public string BpfRoot { get; init; } = "/sys/fs/bpf/datapath";

    /// <summary>How long what is in the kernel lives. Default: <see cref="DatapathLifetime.Pinned"/>.</summary>
    public DatapathLifetime Lifetime { get; init; }

    /// <summary>
    /// The network namespace whose programs are the host's own, as a path. Default: <c>/proc/self/ns/net</c>, that of this process: right on the host
    /// and in a container on the host's network.
    /// </summary>
    public string HostNetworkNamespace { get; init; } = "/proc/self/ns/net";

    /// <summary>
    /// Whether only programs in <see cref="HostNetworkNamespace"/> are served, and only their sockets ended; others' dials are left as they are, for a
    /// proxy of their pod or whatever translates packets. Default: no, all are.
    /// </summary>
    public bool HostNamespaceOnly { get; init; }

    /// <summary>
    /// Whether programs of the host are kept from listening where a node port, a load balancer's address or an external IP is served: bind(2) gives
    /// EADDRINUSE. Whoever listened before goes on; in other network namespaces anybody may. Default: yes.
    /// </summary>
    public bool BindProtection { get; init; } = true;

    /// <summary>What a dial to a service without usable backends gets. Default: <see cref="NoBackendReply.Refuse"/>.</summary>
    public NoBackendReply NoBackend { get; init; }

    /// <summary>
    /// Which TCP connections are ended when the frontend through which they were dialed no longer leads to their backend. Connected UDP sockets always
    /// are. A backend that is terminating and still serves is left alone until it is gone. Default: <see cref="StaleTcpPolicy.WhenBackendIsGone"/>.
    /// </summary>
    public StaleTcpPolicy StaleTcp { get; init; }

    /// <summary>The most frontends of each family. 64 (IPv4) and 96 (IPv6) bytes each, taken at start. Default: 65536.</summary>
    public int MaxFrontends { get; init; } = 65536;

    /// <summary>
    /// The most slots of each family, 16 (IPv4) and 32 (IPv6) bytes each, taken at start: one for each TCP backend of a frontend, 16 to 32
    /// for each UDP backend; a change needs the frontend's slots twice for a moment. 64 to 16777216. Default: 262144.
    /// </summary>
    public int MaxSlots { get; init; } = 262144;

    /// <summary>Whether stale sockets are ended by netlink, as on kernels whose programs cannot. Default: no.</summary>
    internal bool EndsSocketsByNetlink { get; init; }
}
