using System.Collections.Immutable;
using Datapath.Linux.Services;

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

    /// <summary>
    /// Cgroups whose processes, and those below, dial as if there were no services: directories on cgroup v2 that exist when the datapath is opened. Default: none.
    /// </summary>
    public ImmutableArray<string> ExemptCgroups { get; init; } = [];

    /// <summary>Network namespaces whose programs dial as if there were no services: paths that exist when the datapath is opened. Default: none.</summary>
    public ImmutableArray<string> ExemptNetworkNamespaces { get; init; } = [];

    /// <summary>What a dial to a service without usable backends gets. Default: <see cref="NoBackendReply.Refuse"/>.</summary>
    public NoBackendReply NoBackend { get; init; }

    /// <summary>
    /// Which TCP connections are ended when the frontend through which they were dialed no longer leads to their backend. Connected UDP sockets always
    /// are. A backend that is terminating and still serves is left alone until it is gone. Default: <see cref="StaleTcpPolicy.WhenBackendIsGone"/>.
    /// </summary>
    public StaleTcpPolicy StaleTcp { get; init; }

    /// <summary>
    /// The most frontends of each family. 64 (IPv4) and 96 (IPv6) bytes each, taken at start. What is pinned takes another size at the next start,
    /// unless more is in use. Default: 65536.
    /// </summary>
    public int MaxFrontends { get; init; } = 65536;

    /// <summary>
    /// The most slots of each family, 16 (IPv4) and 32 (IPv6) bytes each, taken at start: one for each TCP backend of a frontend, 16 to 32
    /// for each UDP backend; where weights differ, the sum of the weights over their greatest common divisor for TCP, at most the 64 to 128 for each backend that UDP takes then. Of
    /// those that are dealt out (UDP, weights) a frontend has at most a quarter of all, 131072 at most, and fewer where there is no room: shares get coarser. A change needs the frontend's slots twice for a moment, in a row. What is pinned takes another size at the next start, unless more is in use. 64 to 16777216. Default: 262144.
    /// </summary>
    public int MaxSlots { get; init; } = 262144;

    /// <summary>
    /// The most clients that stay with a backend, each counted once for each frontend where it does; when there are more, the one that did not dial for
    /// longest gets a new backend. About 100 bytes each, taken at start. 1 to 16777216. Default: 65536.
    /// </summary>
    public int MaxStickyClients { get; init; } = 65536;

    /// <summary>
    /// Who is one client for session affinity among the programs in the host's network namespace: all of them together or, with this, those of each cgroup.
    /// Elsewhere a network namespace is one client. Default: <see langword="false"/>.
    /// </summary>
    public bool AffinityByCgroup { get; init; }

    /// <summary>
    /// For how long a backend that did not take a TCP connection through a service is passed over by the next dials, if the frontend has others: one that refused,
    /// that could not be reached, or that did not answer before the client gave up. A connection that it takes ends that; if all backends have failed they are dialed as ever.
    /// With it, a program watches how the connections of the cgroup begin. Zero to one day, zero is off. Default: <see cref="TimeSpan.Zero"/>.
    /// </summary>
    public TimeSpan ConnectFallback { get; init; }

    /// <summary>
    /// Bytes for dials that a <see cref="DialMonitor"/> has not read yet, 112 each, taken at start: a power of two, 4096 to 536870912. What finds no room is
    /// counted and lost. Default: 1048576.
    /// </summary>
    public int TraceBufferSize { get; init; } = 1 << 20;

    /// <summary>Whether stale sockets are ended by netlink, as on kernels whose programs cannot. Default: no.</summary>
    internal bool EndsSocketsByNetlink { get; init; }

    /// <summary>The clock by which slots wait to be reused. Default: that of the system.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The compiled objects. Default: those of this package.</summary>
    internal SocketLbObjects Objects { get; init; } = SocketLbObjects.OfPackage;
}
