using System.Net;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>A process that translates what a pod sends, by nf_tables, until it is killed. It runs in the network namespace of whoever starts it.</summary>
public static class NftablesVictim
{
    /// <summary>The first argument that asks for it; the second is the device and the third the range of the pod, or the second is <see cref="NatVictim.Obedient"/>.</summary>
    public const string Name = "nftables";

    /// <summary>Takes over the table that is there, and does as it is told.</summary>
    internal static void Obey()
    {
        using var masquerade = NftablesMasquerade.Open(new() { Devices = ["eth0"] });
        NatVictim.Obey(masquerade);
    }

    internal static void Run(string device, IPNetwork pods)
    {
        using var masquerade = NftablesMasquerade.Open(new() { Devices = [device] });
        var keep = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.Host);
        masquerade.Apply(new(
            new()
            {
                Classes = [new(MasqueradeSourceFacts.Host), new(MasqueradeSourceFacts.PodNetwork)],
                Prefixes = [new(pods, 1)],
                HostClass = 0,
                ForwardedClass = 0,
            },
            new() { Classes = [MasqueradeDestinationFacts.None] },
            [new("", MasqueradeAddressSource.Device)],
            [keep, new(MasqueradeAction.Translate, MasqueradeReason.Source)]));
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
    }
}
