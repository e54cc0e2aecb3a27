using System.Diagnostics;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>The end of flows that the kernel's connection tracking remembers, in a network namespace where that is short.</summary>
internal static class ConntrackEnd
{
    private static readonly string[] s_shortened =
        ["udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout", "tcp_timeout_close", "tcp_timeout_time_wait", "tcp_timeout_last_ack", "tcp_timeout_fin_wait"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Has flows end a few seconds after their last packet.</summary>
    public static void Shorten(NatLab lab) => lab.Node.Run(static () =>
    {
        foreach (var name in s_shortened)
            File.WriteAllText($"/proc/sys/net/netfilter/nf_conntrack_{name}", "5");
    });

    /// <summary>Waits until flows that have ended are forgotten, though not for ever.</summary>
    /// <returns>How many are left.</returns>
    public static int CountEntriesLeft(NatLab lab)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = lab.Masquerade.ReadFlows().Length;
            if (left == 0 || Stopwatch.GetElapsedTime(start) > s_patience)
                return left;
            Thread.Sleep(100); // until it looks again
        }
    }
}
