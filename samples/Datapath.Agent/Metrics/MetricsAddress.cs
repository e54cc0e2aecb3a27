using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Datapath.Agent.Commands;
using Datapath.Agent.Status;

namespace Datapath.Agent.Metrics;

/// <summary>Where metrics and health are told: an address and a port.</summary>
internal static class MetricsAddress
{
    private const int Backlog = 64;

    /// <summary>Reads it.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static IPEndPoint Parse(string option, string text) => TryParse(text, out var address) ? address : throw new ConfigurationException(Mistake(option, text));

    /// <summary>What to say of one that is none.</summary>
    public static string Mistake(string option, string text) => $"{option}: '{text}' must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464";

    /// <summary>Reads it, if it is one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        var colon = text.LastIndexOf(':');
        var (host, port) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        var isBracketed = host is ['[', .., ']'];
        if (IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address)
            && isBracketed == address.AddressFamily is AddressFamily.InterNetworkV6
            && (isBracketed || host == address.ToString()) // "1" is short for 0.0.0.1
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            endpoint = new(address, number);
            return true;
        }

        endpoint = null;
        return false;
    }

    /// <summary>Listens there. At <c>[::]</c> both families are heard.</summary>
    /// <exception cref="AgentException">The kernel refused.</exception>
    public static Socket Listen(string option, IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily is AddressFamily.InterNetworkV6)
                socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new AgentException($"{option}: cannot listen at {address}: {e.Message}");
        }
    }
}
