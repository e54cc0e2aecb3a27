using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>
/// A pinned datapath by the objects of a release, with something of everything: services 1 (pods 2 and 3), 2 (the same, sticky), 3 (pod 3, but redirected to pod 2 for all but
/// that pod), 4 (port 9090 of pod 2, for talks) and ranges that lead to pod 2. Pod 4 stands for the host.
/// </summary>
internal sealed class UpgradeLab : IDisposable
{
    public const int Client = 1;
    public const int Local = 2;
    public const int Original = 3;

    private const int Host = 4;
    private const int TalkPort = 9090;

    private static readonly ServiceName s_policy = new("default", "policy:local-redirect");
    private static readonly ServiceName s_ranges = new("", "ranges:local-redirect");

    public UpgradeLab(SocketLbObjects objects)
    {
        Services = new(servers: 3, options => options with { Lifetime = DatapathLifetime.Pinned, Objects = objects }, havePodsNames: true, hostPod: Host);
        Assert.That(Services.Datapath.Replace(State).Failures, Is.Empty);
    }

    /// <summary>What is served.</summary>
    public static DesiredState State { get; } = StateWith(talksTo: Local);

    public ServiceLab Services { get; }

    public string BpfRoot => Services.Options.BpfRoot;

    /// <summary>The same, with another pod behind service 4.</summary>
    public static DesiredState StateWith(int talksTo) => DesiredState.Empty.With(
        new([ServiceLab.Service(1, Local, Original), StickyClients.Of(ServiceLab.Service(2, Local, Original)), Redirected(), TalkService(talksTo), Ranges()], [])
        {
            Pods = [.. new[] { Client, Local, Original }.Select(static pod => new LocalPod(NameOf(pod)) { Addresses = [PodNetwork.V4(pod), PodNetwork.V6(pod)] })],
        });

    /// <summary>Ends the process's datapath and opens it by other objects, as an upgrade does.</summary>
    public void Upgrade(SocketLbObjects? objects = null) => Services.Reopen(options => options with { Objects = objects ?? SocketLbObjects.OfPackage });

    /// <summary>Dials without a pause: a service and a redirect of each protocol and family, and a range. The answers are pod 2's, and of service 1 pod 3's too.</summary>
    public Dialers DialOn() => new(
        Services,
        static () => Dial.Tcp(ServiceLab.ServiceV4(1)),
        static () => Dial.Udp(ServiceLab.ServiceV6(1)),
        static () => Dial.Tcp(ServiceLab.ServiceV6(3)),
        static () => Dial.Udp(ServiceLab.ServiceV4(3)),
        static () => Dial.Tcp(IPAddress.Parse("198.18.7.9")));

    /// <summary>Waits for dials, and insists that all so far reached whom they should.</summary>
    public static void AssertGoOn(Dialers dialers, int more = 100)
    {
        var goal = dialers.Count + more;
        Eventually.True(() => dialers.Count >= goal, "the dials have come to a halt");
    }

    /// <summary>Ends the dials, and insists that all of them reached whom they should.</summary>
    public static void AssertAllReached(Dialers dialers) => Assert.That(dialers.Stop().Keys, Is.EquivalentTo(new[] { "pod2", "pod3" }));

    /// <summary>Each kind of dial reaches whom it should, and is told the address that it dialed.</summary>
    public void AssertServes()
    {
        foreach (var use in Enum.GetValues<SocketUse>())
        {
            foreach (var row in Enum.GetValues<SocketRow>().Where(row => Dial.IsPossible(row, use)))
            {
                Assert.That(Ask(Client, row, use, 1).Pod, Is.AnyOf("pod2", "pod3"), $"{row} {use}");
                Assert.That(Ask(Client, row, use, 3).Pod, Is.EqualTo("pod2"), $"{row} {use}: the redirect");
                Assert.That(Ask(Local, row, use, 3).Pod, Is.EqualTo("pod3"), $"{row} {use}: the pod that the redirect leaves alone");
            }
        }

        foreach (var address in new[] { "198.19.0.1", "2001:db8:1::7" })
            Assert.That(Services.Pods[Client].Run(() => Dial.Tcp(IPAddress.Parse(address)).Pod), Is.EqualTo("pod2"), address);
    }

    /// <summary>The kernel holds the state, entry by entry, in the eyes of who manages it and of others.</summary>
    public void AssertVerified(DesiredState state)
    {
        Assert.That(Services.Datapath.Verify(state), Is.Empty);
        Assert.That(PinnedDatapath.Verify(BpfRoot, Services.Datapath.Expect(state)), Is.Empty);
    }

    /// <summary>A connection, or connected UDP, to service 4.</summary>
    public Talk TalkTo(int pod, ProtocolType protocol, bool isIPv4) => new(
        Services.Pods[Client],
        Services.Pods[pod],
        isIPv4 ? PodNetwork.V4(pod) : PodNetwork.V6(pod),
        protocol,
        TalkPort,
        dialed: new(isIPv4 ? ServiceLab.ServiceV4(4) : ServiceLab.ServiceV6(4), ServiceLab.ServicePort));

    /// <summary>Who answers a dial to a service.</summary>
    public Answer Ask(int pod, SocketRow row, SocketUse use, int service) => Services.Pods[pod].Run(() =>
    {
        var (v4, v6) = (ServiceLab.ServiceV4(service), ServiceLab.ServiceV6(service));
        var (answer, peer) = Dial.AskBy(row, use, row.Name(v4, v6, ServiceLab.ServicePort));
        Assert.That(peer, Is.EqualTo(row.Seen(v4, v6, ServiceLab.ServicePort).ToString()), $"{row} {use}");
        return answer;
    });

    /// <summary>What the kernel holds, with identifiers.</summary>
    public string[] Held() =>
    [
        .. Services.Datapath.Read().Select(static f => $"{f.Id} {f.Address} {f.Type}: {string.Join(", ", f.Backends)}; {f.FurtherSets.Length} sets"),
        .. Services.Datapath.ReadRanges().Select(static range => $"{range.Id} {range}: {string.Join(", ", range.Backends)}"),
    ];

    public void Dispose() => Services.Dispose();

    private static PodName NameOf(int pod) => new("default", $"pod-{pod}");

    private static DesiredService Redirected()
    {
        var service = ServiceLab.Service(3, Original);
        return service with { Frontends = [.. service.Frontends.Select(static frontend => frontend with { Redirects = [ToLocal(frontend.Address) with { SkippedPods = [NameOf(Local)] }] })] };
    }

    private static Redirect ToLocal(L4Address address) =>
        new(s_policy, [new(new(address.IsIPv4 ? PodNetwork.V4(Local) : PodNetwork.V6(Local), ServiceLab.BackendPort, address.Protocol))]);

    private static DesiredService TalkService(int pod)
    {
        var service = ServiceLab.Service(4, pod);
        return service with
        {
            Frontends = [.. service.Frontends.Select(static frontend => frontend with { Backends = [.. frontend.Backends.Select(static b => new Backend(new(b.Address.Address, TalkPort, b.Address.Protocol)))] })],
        };
    }

    private static DesiredService Ranges() => new(s_ranges, [])
    {
        Ranges =
        [
            .. new[] { "198.18.0.0/15", "2001:db8:1::/48" }.Select(static prefix => IPNetwork.Parse(prefix)).Select(static network =>
                new FrontendRange(network, 80, 90, L4Protocol.Tcp, [ToLocal(new(network.BaseAddress, 0, L4Protocol.Tcp)) with { Policy = s_ranges }])),
        ],
    };
}
