using System.Collections.Immutable;
using System.Net;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Which packets leave the machine with another source address, see <see cref="MasqueradeConfiguration"/>.</summary>
public sealed class MasqueradeOptions
{
    /// <summary><c>masquerade:enabled</c>: whether anything is masqueraded. Default: no.</summary>
    public bool Enabled { get; set; }

    /// <summary><c>enableIPv4Masquerade</c>: whether IPv4 is. Default: yes.</summary>
    public bool EnableIPv4 { get; set; } = true;

    /// <summary><c>enableIPv6Masquerade</c>: whether IPv6 is. Default: yes.</summary>
    public bool EnableIPv6 { get; set; } = true;

    /// <summary><c>masquerade:engine</c>: what translates, <c>ebpf</c> (default) or <c>nftables</c>.</summary>
    public MasqueradeEngine Engine { get; set; }

    /// <summary>
    /// <c>masquerade:devices</c>: the devices that packets leave by, by name, or by the beginning of names with <c>+</c> behind it. Default: none, and then those
    /// of the default routes and those with an address of <c>node:addresses</c>.
    /// </summary>
    public IList<string> Devices { get; } = [];

    /// <summary><c>masquerade:sources</c>: further sources beside the pods of the machine. Default: none.</summary>
    public IList<IPNetwork> Sources { get; } = [];

    /// <summary><c>masquerade:interfaces</c>: interfaces whose packets are masqueraded if nothing else tells of their sources. Default: none.</summary>
    public IList<string> Interfaces { get; } = [];

    /// <summary><c>masquerade:forwarded</c>: whether all else that the machine forwards is masqueraded too. Default: no.</summary>
    public bool Forwarded { get; set; }

    /// <summary><c>ipv4NativeRoutingCIDR</c>: the IPv4 destinations that see the real addresses of pods. Default: <see langword="null"/>, the pod network of the machine.</summary>
    public IPNetwork? IPv4NativeRoutingCidr { get; set; }

    /// <summary><c>ipv6NativeRoutingCIDR</c>: the same for IPv6.</summary>
    public IPNetwork? IPv6NativeRoutingCidr { get; set; }

    /// <summary><c>masquerade:podCIDRs</c>: the pod network of the machine. Default: none, and then that of its Node object.</summary>
    public IList<IPNetwork> PodCidrs { get; } = [];

    /// <summary><c>masquerade:remoteNodes</c>: what becomes of packets to other nodes, <c>keep</c> (default) or <c>masquerade</c>.</summary>
    public RemoteNodeMode RemoteNodes { get; set; }

    /// <summary><c>masquerade:nonMasqueradeCIDRs</c>: destinations that are not masqueraded, and link-local ones. Default: <see langword="null"/>, no such list.</summary>
    public IList<IPNetwork>? NonMasqueradeCidrs { get; set; }

    /// <summary><c>masquerade:masqueradeCIDRs</c>: the destinations that alone are masqueraded. Default: none, all are.</summary>
    public IList<IPNetwork> MasqueradeCidrs { get; } = [];

    /// <summary><c>masquerade:addressSource</c>: where the address comes from, <c>device</c> (default), <c>route</c> or <c>fixed</c>.</summary>
    public MasqueradeAddressSource AddressSource { get; set; }

    /// <summary><c>masquerade:addresses</c>: the addresses if they are fixed. Default: none.</summary>
    public IList<IPAddress> Addresses { get; } = [];

    /// <summary><c>masquerade:pools</c>: pods with addresses of their own. Default: none.</summary>
    public IList<MasqueradePool> Pools { get; } = [];

    /// <summary><c>masquerade:ports</c>: the ports that flows are given. Default: 1024-65535.</summary>
    public PortRange Ports { get; set; } = new(1024, ushort.MaxValue);

    /// <summary>
    /// <c>masquerade:portMapping</c>: whether a source's datagrams leave by a port for each peer, <c>endpointDependent</c> (default), or by one for all,
    /// <c>endpointIndependent</c>. The eBPF engine alone can do that.
    /// </summary>
    public PortMapping PortMapping { get; set; }

    /// <summary><c>masquerade:reservedPorts</c>: ports, or ranges of them, that no flow is given, for example those of node ports; not all of <see cref="Ports"/>. Default: none.</summary>
    public IList<PortRange> ReservedPorts { get; } = [];

    /// <summary><c>masquerade:maxFlows</c>: the most flows of each family, 1 to 8388608. Default: 262144.</summary>
    public int MaxFlows { get; set; } = 262144;

    /// <summary><c>masquerade:untranslatable</c>: what becomes of SCTP, GRE, ESP and others, <c>drop</c> (default), <c>pass</c> or <c>translateAddress</c>.</summary>
    public UntranslatableProtocols Untranslatable { get; set; }

    /// <summary><c>masquerade:dropWarnings</c>: whether packets that the eBPF engine drops are warned of, at most once a minute for each reason. Default: yes.</summary>
    public bool WarnsOfDrops { get; set; } = true;

    /// <summary>
    /// <c>masquerade:mappingLog</c>: the file to which each mapping is written as it is made and as it ends, a JSON object a line, or <c>-</c> for standard output.
    /// The eBPF engine alone can tell. Default: <see langword="null"/>, none.
    /// </summary>
    public string? MappingLog { get; set; }

    /// <summary><c>ipMasqAgent:enabled</c>: whether the file of the ip-masq-agent is used. Default: no.</summary>
    public bool UsesAgentFile { get; set; }

    /// <summary><c>ipMasqAgent:path</c>: that file. Default: <c>/etc/config/ip-masq-agent</c>.</summary>
    public string AgentFile { get; set; } = IPMasqAgentReader.DefaultPath;

    /// <summary>The reserved ports, each once.</summary>
    internal ImmutableArray<ushort> AllReservedPorts =>
        [.. ReservedPorts.SelectMany(static range => Enumerable.Range(range.First, Math.Max(0, range.Last - range.First + 1))).Distinct().Select(static port => (ushort)port)];

    /// <summary>How many ports of each address flows may get towards each peer: those of <see cref="Ports"/> that are not reserved, at least 1.</summary>
    public int UsablePorts => Math.Max(1, Ports.Last - Ports.First + 1 - AllReservedPorts.Count(port => port >= Ports.First && port <= Ports.Last));

    /// <summary>The same, for the compiler.</summary>
    public MasqueradeConfiguration ToConfiguration() => new()
    {
        EnableIPv4Masquerade = EnableIPv4,
        EnableIPv6Masquerade = EnableIPv6,
        Sources = [.. Sources],
        Interfaces = [.. Interfaces],
        MasqueradeForwarded = Forwarded,
        IPv4NativeRoutingCidr = IPv4NativeRoutingCidr,
        IPv6NativeRoutingCidr = IPv6NativeRoutingCidr,
        PodCidrs = [.. PodCidrs],
        RemoteNodes = RemoteNodes,
        NonMasquerade = NonMasqueradeCidrs is { } cidrs ? new() { Cidrs = [.. cidrs] } : null,
        MasqueradeCidrs = [.. MasqueradeCidrs],
        AddressSource = AddressSource,
        Addresses = [.. Addresses],
        Pools = [.. Pools],
    };
}
