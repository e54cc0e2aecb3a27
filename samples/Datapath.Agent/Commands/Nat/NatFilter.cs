using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Agent.Commands.Nat;

/// <summary>Options that choose flows.</summary>
internal static class NatFilter
{
    public static Option<IPNetwork?> Range(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS[/LENGTH]",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (IPAddress.TryParse(text, out var address))
                return new IPNetwork(address, address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
            if (IPNetwork.TryParse(text, out var network) && IPAddress.Parse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal))).Equals(network.BaseAddress)) // else there are bits beyond
                return network;
            result.AddError($"{name}: '{text}' must be an address, or a range such as 10.0.0.0/8, without bits beyond the prefix");
            return null;
        },
    };

    public static Option<byte?> Protocol(string description) => new("--protocol", "-p")
    {
        Description = $"{description}: tcp, udp, icmp, icmpv6, another name or a number.",
        HelpName = "PROTOCOL",
        CustomParser = static result =>
        {
            if (FlowProtocol.TryParse(result.Tokens[0].Value, out var protocol))
                return protocol;
            result.AddError($"--protocol: '{result.Tokens[0].Value}' must be tcp, udp, icmp, icmpv6, sctp, gre, esp, udplite or a number, 0 to 255");
            return null;
        },
    };
}
