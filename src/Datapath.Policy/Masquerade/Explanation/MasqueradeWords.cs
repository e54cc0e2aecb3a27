using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy;

/// <summary>Facts and results in words.</summary>
internal static class MasqueradeWords
{
    private const string PrimaryAddress = "the primary address of the device by which it leaves";

    public static string Of(MasqueradeSourceFacts facts) => Join(facts, static fact => fact switch
    {
        MasqueradeSourceFacts.Listed => "a range of sources",
        MasqueradeSourceFacts.PodNetwork => "the pod network of this node",
        MasqueradeSourceFacts.Pod => "a pod of this node",
        MasqueradeSourceFacts.Interface => "an interface of sources",
        MasqueradeSourceFacts.Forwarded => "forwarded, and nothing else is known",
        MasqueradeSourceFacts.Host => "the host itself",
        MasqueradeSourceFacts.OptedOut => "keeps its address",
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "has no words"),
    });

    public static string Of(MasqueradeDestinationFacts facts) => Join(facts, static fact => fact switch
    {
        MasqueradeDestinationFacts.FamilyOff => "a family that is not masqueraded",
        MasqueradeDestinationFacts.OwnNode => "an address of this node",
        MasqueradeDestinationFacts.OtherNode => "an address of another node",
        MasqueradeDestinationFacts.NativeRouting => "sees the real addresses of pods",
        MasqueradeDestinationFacts.OwnPodNetwork => "the pod network of this node",
        MasqueradeDestinationFacts.NonMasquerade => "listed as not masqueraded",
        MasqueradeDestinationFacts.Masquerade => "listed as masqueraded",
        MasqueradeDestinationFacts.LinkLocal => "link-local",
        MasqueradeDestinationFacts.Multicast => "multicast or broadcast",
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "has no words"),
    });

    public static string Result(MasqueradePacket packet, MasqueradeAction action, MasqueradeAddressChoice? choice) => action switch
    {
        MasqueradeAction.Keep => $"keeps its source address {packet.Source}",
        MasqueradeAction.Track => $"keeps its source address {packet.Source}, and its port is reserved",
        _ => $"gets {Of(choice!, packet.Source.AddressFamily)}",
    };

    private static string Of(MasqueradeAddressChoice choice, AddressFamily family) => choice.SourceOf(family) switch
    {
        MasqueradeAddressSource.Device when choice.Name.Length > 0 => $"{PrimaryAddress}, since pool '{choice.Name}' has none of the family",
        MasqueradeAddressSource.Device => PrimaryAddress,
        MasqueradeAddressSource.Route => "the source address of its route",
        _ => Of([.. choice.Addresses.Where(address => address.AddressFamily == family)]) + (choice.Name.Length > 0 ? $" of pool '{choice.Name}'" : ""),
    };

    private static string Of(IPAddress[] addresses) =>
        addresses is [var only] ? $"address {only}" : $"one of the addresses {string.Join<IPAddress>(", ", addresses)}";

    private static string Join<T>(T facts, Func<T, string> word) where T : struct, Enum =>
        string.Join(", ", Enum.GetValues<T>().Where(fact => Convert.ToInt64(fact, null) != 0 && facts.HasFlag(fact)).Select(word));
}
