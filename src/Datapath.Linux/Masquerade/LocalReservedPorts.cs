using System.Globalization;

namespace Datapath.Linux.Masquerade;

/// <summary>The ports that the machine's administrator keeps from being given out: <c>net.ipv4.ip_local_reserved_ports</c>, of both families.</summary>
internal static class LocalReservedPorts
{
    private const string Setting = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    /// <summary>Those of the network namespace of the calling thread.</summary>
    public static IEnumerable<ushort> Read() => File.Exists(Setting) ? Parse(File.ReadAllText(Setting)) : [];

    /// <summary>Reads a list of ports and ranges, <c>8080,9000-9100</c>.</summary>
    public static IEnumerable<ushort> Parse(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            var first = ushort.Parse(ends[0], CultureInfo.InvariantCulture);
            var last = ushort.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (int port = first; port <= last; port++)
                yield return (ushort)port;
        }
    }
}
