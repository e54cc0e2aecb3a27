using System.Globalization;

namespace Datapath;

/// <summary>The protocols of flows, by their IANA numbers.</summary>
public static class FlowProtocol
{
    private static readonly (byte Number, string Name)[] s_known = [(1, "ICMP"), (6, "TCP"), (17, "UDP"), (47, "GRE"), (50, "ESP"), (58, "ICMPv6"), (132, "SCTP"), (136, "UDPLite")];

    /// <summary>The usual name of a protocol, or its number.</summary>
    /// <param name="protocol">The number.</param>
    public static string NameOf(byte protocol)
    {
        foreach (var (number, name) in s_known)
        {
            if (number == protocol)
                return name;
        }

        return protocol.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a name, in any case, or a number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="protocol">The number.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out byte protocol)
    {
        foreach (var (number, name) in s_known)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                protocol = number;
                return true;
            }
        }

        return byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out protocol);
    }
}
