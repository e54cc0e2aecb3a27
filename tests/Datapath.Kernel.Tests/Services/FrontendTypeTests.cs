using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Frontends that are no cluster addresses, and redirects, as programs on the node dial them.</summary>
[TestFixture]
[LoadTest]
internal sealed class FrontendTypeTests
{
    private static readonly IPAddress s_nodeV4 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_nodeV6 = IPAddress.Parse("2001:db8::1");
    private static readonly ServiceName s_policy = new("default", "policy:local-redirect");
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_node_port_is_served_at_the_addresses_of_the_node([Values] bool isIPv4)
    {
        var node = isIPv4 ? s_nodeV4 : s_nodeV6;
        var frontend = NodePorts.Frontend(L4Address.Unspecified(isIPv4, 30080, L4Protocol.Tcp), 2) with
        {
            Type = FrontendType.NodePort,
            NodeAddresses = [new(node, 30080, L4Protocol.Tcp)],
        };
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [frontend]));
        _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(node, 30080).Pod, Is.EqualTo("pod2")));
        Assert.That(_lab.Datapath.Read().Select(static f => f.Type), Is.All.EqualTo(FrontendType.NodePort));
    }

    // The address of a pod: a dial that is left as it is arrives there.
    [Test]
    public void An_external_IP_takes_dials_from_this_node_while_it_is_the_nodes_own([Values] bool isIPv4)
    {
        var address = new L4Address(isIPv4 ? PodNetwork.V4(2) : PodNetwork.V6(2), ServiceLab.BackendPort, L4Protocol.Tcp);
        var elsewhere = NodePorts.Frontend(address, 3) with { Type = FrontendType.ExternalIPs };
        foreach (var (frontend, pod) in new[] { (elsewhere, "pod2"), (elsewhere with { IsAtNode = true }, "pod3"), (elsewhere, "pod2") })
        {
            _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [frontend]));
            _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(address.Address, address.Port).Pod, Is.EqualTo(pod)));
        }
    }

    [Test]
    public void A_redirect_takes_the_dials_and_gives_them_back([Values] bool isIPv4)
    {
        var service = isIPv4 ? ServiceLab.ServiceV4() : ServiceLab.ServiceV6();
        var plain = NodePorts.Frontend(new(service, ServiceLab.ServicePort, L4Protocol.Tcp), 2);
        var redirected = plain with { Redirects = [new(s_policy, NodePorts.Frontend(plain.Address, 3).Backends)] };
        foreach (var (frontend, pod) in new[] { (plain, "pod2"), (redirected, "pod3"), (plain, "pod2") })
        {
            _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [frontend]));
            _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(service).Pod, Is.EqualTo(pod)));
        }
    }

    [Test]
    public void A_redirected_address_that_belongs_to_no_service_is_served_while_the_policy_is_there()
    {
        var metadata = IPAddress.Parse("169.254.169.254");
        var frontend = new Frontend
        {
            Address = new(metadata, 80, L4Protocol.Udp),
            Type = FrontendType.LocalRedirect,
            Redirects = [new(s_policy, [new(new(PodNetwork.V4(2), ServiceLab.BackendPort, L4Protocol.Udp))])],
        };
        _ = _lab.Apply(new DesiredService(s_policy, [frontend]));
        _lab.Pods[1].Run(() => Assert.That(Dial.Udp(metadata, 80).Pod, Is.EqualTo("pod2")));
        _ = _lab.Apply(new DesiredService(s_policy, [frontend with { Redirects = [new(s_policy, [])] }]));
        _lab.Pods[1].Run(() => Assert.That(Dial.Udp(metadata, 80).Errno, Is.EqualTo(Errno.ECONNREFUSED)));
        _ = _lab.Apply(new DesiredService(s_policy, []));
        Assert.That(_lab.Datapath.Read(), Is.Empty);
    }

    [Test]
    [LoadTest]
    public void Shares_follow_the_weights_and_their_changes([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol)
    {
        var address = new L4Address(ServiceLab.ServiceV4(), ServiceLab.ServicePort, protocol);
        foreach (var (light, heavy) in new[] { (30, 70), (100, 100), (1, 99), (30, 70) })
        {
            var frontend = NodePorts.Frontend(address, 2);
            frontend = frontend with
            {
                Backends = [frontend.Backends[0] with { Weight = light }, NodePorts.Frontend(address, 3).Backends[0] with { Weight = heavy }],
                UsableCount = 2,
            };
            _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [frontend]));
            var shares = _lab.Datapath.Read().Single().Backends;
            Assert.That(shares[0].Share, Is.EqualTo((double)light / (light + heavy)).Within(1 / 64.0));
            Assert.That(shares.Sum(static backend => backend.Share), Is.EqualTo(1).Within(1e-9));
            Assert.That(_lab.Apply(new DesiredService(ServiceLab.Name(1), [frontend])).FrontendsWritten, Is.Zero);
        }

        var seen = new Dictionary<string, int>();
        _lab.Pods[1].Run(() =>
        {
            for (var i = 0; i < 400; i++)
            {
                var pod = (protocol is L4Protocol.Tcp ? Dial.Tcp(ServiceLab.ServiceV4()) : Dial.Udp(ServiceLab.ServiceV4())).Pod;
                seen[pod] = seen.GetValueOrDefault(pod) + 1;
            }
        });
        Assert.That(seen["pod3"], Is.GreaterThan(seen["pod2"])); // 280 to 120: evenly would be eight standard deviations away
    }
}
