using System.Globalization;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>How long the kernel remembers connections when no packet comes, as the network namespace is set.</summary>
internal sealed class ConntrackLifetimes
{
    private const string Folder = "/proc/sys/net/netfilter/nf_conntrack_";

    // By the kernel's number of the state, from 1. The last is that of two sides who open at once.
    private static readonly string[] s_tcpStates =
        ["syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close", "syn_sent"];

    private readonly Dictionary<string, TimeSpan> _read = [];

    /// <summary>How long ago a packet came, as far as can be told: a connection with a lifetime of its own seems fresher or staler than it is.</summary>
    /// <remarks>Call it on a thread in the network namespace of the connection.</remarks>
    public TimeSpan IdleTimeOf(ConntrackEntry entry)
    {
        var idle = Read(NameOf(entry)) - entry.Remaining;
        return idle > TimeSpan.Zero ? idle : TimeSpan.Zero;
    }

    private static string NameOf(ConntrackEntry entry) => entry.Original.Protocol switch
    {
        IPNumbers.Tcp when entry.TcpState > 0 && entry.TcpState <= s_tcpStates.Length => $"tcp_timeout_{s_tcpStates[entry.TcpState - 1]}",
        IPNumbers.Udp => entry.IsAssured ? "udp_timeout_stream" : "udp_timeout",
        IPNumbers.Icmp => "icmp_timeout",
        IPNumbers.IcmpV6 => "icmpv6_timeout",
        _ => "generic_timeout",
    };

    private TimeSpan Read(string name)
    {
        if (!_read.TryGetValue(name, out var lifetime))
            _read.Add(name, lifetime = TimeSpan.FromSeconds(long.Parse(File.ReadAllText(Folder + name), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)));
        return lifetime;
    }
}
