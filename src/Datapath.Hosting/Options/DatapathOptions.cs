using System.Collections.Immutable;
using System.Net;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What a hosted datapath is to be. The names of the configuration keys stand with each option.</summary>
public sealed class DatapathOptions
{
    /// <summary>
    /// <c>cgroupRoot</c>: the cgroup v2 directory whose processes are served. Default: the root of the cgroup2 mount, that is every process
    /// of the machine.
    /// </summary>
    public string? CgroupRoot { get; set; }

    /// <summary><c>bpfRoot</c>: the folder for pins on the bpf filesystem, of this datapath alone. Default: <c>/sys/fs/bpf/datapath</c>.</summary>
    public string BpfRoot { get; set; } = "/sys/fs/bpf/datapath";

    /// <summary><c>lifetime</c>: <c>pinned</c> (default) or <c>process</c>.</summary>
    public DatapathLifetime Lifetime { get; set; }

    /// <summary><c>noBackend</c>: what a dial to a service without usable backends gets, <c>refuse</c> (default) or <c>unreachable</c>.</summary>
    public NoBackendReply NoBackend { get; set; }

    /// <summary>
    /// <c>staleTcp</c>: which TCP connections are ended when their frontend no longer leads to their backend, <c>whenBackendIsGone</c> (default),
    /// <c>always</c> or <c>never</c>.
    /// </summary>
    public StaleTcpPolicy StaleTcp { get; set; }

    /// <summary><c>maxFrontends</c>: the most frontends of each family, 1 to 16777216. Default: 65536.</summary>
    public int MaxFrontends { get; set; } = 65536;

    /// <summary><c>maxSlots</c>: the most slots of each family, 64 to 16777216, see <see cref="LinuxDatapathOptions.MaxSlots"/>. Default: 262144.</summary>
    public int MaxSlots { get; set; } = 262144;

    /// <summary><c>node</c>: the machine.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary>What the configuration says that could not be read. Kept until the validation, which names all mistakes in one go.</summary>
    internal ImmutableArray<string> Unreadable { get; set; } = [];

    /// <summary>The same, for the engine.</summary>
    public LinuxDatapathOptions ToEngineOptions() => new()
    {
        CgroupRoot = CgroupRoot,
        BpfRoot = BpfRoot,
        Lifetime = Lifetime,
        NoBackend = NoBackend,
        StaleTcp = StaleTcp,
        MaxFrontends = MaxFrontends,
        MaxSlots = MaxSlots,
    };
}

/// <summary>The machine that the datapath runs on.</summary>
public sealed class NodeOptions
{
    /// <summary><c>node:name</c>: its name, as EndpointSlices write it. Default: the host name, in lower case.</summary>
    public string Name { get; set; } = Dns.GetHostName().ToLowerInvariant();

    /// <summary><c>node:addresses</c>: its addresses. Default: none.</summary>
    public IList<IPAddress> Addresses { get; } = [];

    /// <summary><c>node:zone</c>: its zone. Default: none.</summary>
    public string? Zone { get; set; }

    /// <summary>The same, for the compiler. Node ports are offered at all addresses but loopback ones.</summary>
    public NodeConfiguration ToConfiguration() => new()
    {
        Name = Name,
        Addresses = [.. Addresses.Select(static address => new LocalAddress(address, !IPAddress.IsLoopback(address)))],
        Zone = Zone,
    };
}
