using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Where packets come from.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Network">Where it sends from.</param>
/// <param name="IPv4">Its address.</param>
/// <param name="IPv6">Its IPv6 address.</param>
/// <param name="Device">The node's device by which its packets come in; <see langword="null"/> of the node itself.</param>
internal sealed record ConformanceSource(string Name, NetworkNamespace Network, string IPv4, string IPv6, string? Device)
{
    /// <summary>Whether others are translated to its address.</summary>
    public bool IsNatAddress { get; init; }

    public IPAddress AddressOf(AddressFamily family) => IPAddress.Parse(family is AddressFamily.InterNetwork ? IPv4 : IPv6);

    /// <summary>What becomes of its packets to a destination.</summary>
    public MasqueradeDecision Decide(MasqueradeState state, IPAddress to) =>
        state.Decide(new(AddressOf(to.AddressFamily), to) { Interface = Device, IsFromNatAddress = IsNatAddress });

    /// <summary>The source, of which the destination may see any.</summary>
    public ImmutableArray<IPAddress> SeenAs(MasqueradeState state, IPAddress to)
    {
        var family = to.AddressFamily;
        var verdict = Decide(state, to).Verdict;
        if (verdict.Action is not MasqueradeAction.Translate)
            return [AddressOf(family)];
        var choice = state.AddressChoices[verdict.AddressChoice];
        return choice.SourceOf(family) is MasqueradeAddressSource.Fixed
            ? [.. choice.Addresses.Where(address => address.AddressFamily == family)]
            : [family is AddressFamily.InterNetwork ? NatLab.Node4 : NatLab.Node6];
    }
}
