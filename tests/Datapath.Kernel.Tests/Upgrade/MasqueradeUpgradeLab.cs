using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>Pinned egress NAT by the objects of a release, whose rules translate to some outside addresses and leave others alone.</summary>
internal sealed class MasqueradeUpgradeLab : IDisposable
{
    private static readonly IPAddress s_otherOutside6 = IPAddress.Parse("2001:db8:99::2");

    public MasqueradeUpgradeLab(MasqueradeObjects objects, TcMechanism mechanism = TcMechanism.Any)
    {
        Nat = NatLab.Pinned(mechanism, objects);
        Nat.RouteBack();
        using (var router = Nat.Router.OpenRouteNetlink())
            router.AddAddress(router.GetLink("lo").Index, s_otherOutside6, 128);
        Nat.Masquerade.Apply(Rules);
    }

    /// <summary>To the first address of each family packets are translated, to the second they are not.</summary>
    public static MasqueradeState Rules { get; } = NatLab.Rules($"{NatLab.OtherOutside4}/32", $"{s_otherOutside6}/128");

    public NatLab Nat { get; }

    public string BpfRoot => Nat.Options.BpfRoot;

    /// <summary>Ends the process's engine and opens it by other objects, as an upgrade does.</summary>
    public void Upgrade(MasqueradeObjects? objects = null) => Nat.Reopen(Nat.Options with { Objects = objects ?? MasqueradeObjects.OfPackage });

    /// <summary>TCP and UDP of both families, each to an address that packets are translated to and to one that they are not: begun inside and, for the latter, outside too.</summary>
    public Talks TalkOn() => new(
    [
        .. from protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp }
           from outside in new[] { NatLab.Outside4, NatLab.Outside6, NatLab.OtherOutside4, s_otherOutside6 }
           select Talk(protocol, outside),
        .. from protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp }
           from pod in new[] { NatLab.Pod4, NatLab.Pod6 }
           select new Talk(Nat.Router, Nat.Pod, pod, protocol, port: protocol is ProtocolType.Tcp ? 8080 : 0),
    ]);

    /// <summary>New flows are translated, and left alone, as the rules say.</summary>
    public void AssertTranslates()
    {
        foreach (var protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp })
        {
            foreach (var (outside, seen) in new[] { (NatLab.Outside4, NatLab.Node4), (NatLab.Outside6, NatLab.Node6), (NatLab.OtherOutside4, NatLab.Pod4), (s_otherOutside6, NatLab.Pod6) })
            {
                using var talk = Talk(protocol, outside);
                talk.Exchange(length: 100);
                Assert.That(talk.Client.Address, Is.EqualTo(seen), $"{protocol} to {outside}");
            }
        }
    }

    /// <summary>The flows that are translated: with addresses and ports, in order.</summary>
    public string[] Flows() => [.. Nat.Masquerade.ReadFlows().Select(static flow => $"{flow.Protocol} {flow.Source} {flow.Translated} {flow.Peer}").Order(StringComparer.Ordinal)];

    /// <summary>Removes the pins as a command does, on a thread in the node's network namespace.</summary>
    public bool Uninstall() => Nat.Node.Run(() => LinuxMasquerade.Uninstall(BpfRoot));

    public void Dispose() => Nat.Dispose();

    private Talk Talk(ProtocolType protocol, IPAddress outside) => new(Nat.Pod, Nat.Router, outside, protocol);
}
