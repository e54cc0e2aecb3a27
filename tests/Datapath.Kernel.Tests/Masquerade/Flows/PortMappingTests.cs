using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>Mappings that do not depend on the peer: RFC 4787, REQ-1.</summary>
internal sealed class PortMappingTests
{
    private static readonly FlowLifetimes s_short = new() { OneWay = TimeSpan.FromSeconds(1), TwoWay = TimeSpan.FromSeconds(1) };
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(static options => options with
        {
            FirstPort = 40000,
            LastPort = 40009,
            PortMapping = PortMapping.EndpointIndependent,
            Lifetimes = s_short,
            SweepInterval = TimeSpan.FromMilliseconds(50),
        });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void All_peers_see_a_source_at_one_port([Values] bool isIPv4)
    {
        using var callees = new Callees(_lab, isIPv4);
        using var client = callees.Client(5000);
        var seen = callees.All.Select(callee => callees.Ask(client, callee)).ToArray();
        Assert.That(seen.Distinct().ToArray(), Has.Length.EqualTo(1));
        Assert.That(seen[0].Port, Is.InRange(40000, 40009));
        Assert.That(_lab.Masquerade.ReadFlows().Select(static flow => (int)flow.Translated.Port), Is.EqualTo(Enumerable.Repeat(seen[0].Port, 3)), "two flows and their mapping");
    }

    [Test]
    [LoadTest]
    public void A_port_belongs_to_one_source_towards_all_peers([Values] bool isIPv4)
    {
        using var callees = new Callees(_lab, isIPv4);
        Socket[] clients = [.. Enumerable.Range(0, 10).Select(i => callees.Client(5000 + i))];
        try
        {
            Assert.That(clients.Select(client => callees.Ask(client, callees.All[0]).Port).Order(), Is.EqualTo(Enumerable.Range(40000, 10)));
            using var late = callees.Client(4999);
            _ = late.SendTo([1], callees.All[1].LocalEndPoint!);
            Eventually.True(() => _lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)] == 1, "the eleventh source is refused");
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }

    [LoadTest] // the flow expires before a virtual machine is done
    [Test]
    public void Where_the_port_is_taken_towards_a_peer_the_flow_gets_another_which_is_counted_and_told([Values] bool isIPv4)
    {
        using var callees = new Callees(_lab, isIPv4);
        using var client = callees.Client(5000);
        using var log = new NatLog(_lab);
        var first = callees.Ask(client, callees.All[0]);
        Assert.That(log.TakeOne<MasqueradeMappingMade>().IsByPeer, Is.False);
        Assert.That(_lab.Ebpf.GetStatus().Warnings, Is.Empty);
        using var own = new Callee(_lab.Node, first.Address, ProtocolType.Udp, first.Port);
        var second = callees.Ask(client, callees.All[1]);
        Assert.That((second.Address, second.Port), Is.EqualTo((first.Address, second.Port)));
        Assert.That(second.Port, Is.Not.EqualTo(first.Port).And.InRange(40000, 40009));
        Assert.That(callees.Ask(client, callees.All[0]), Is.EqualTo(first), "flows that run keep their port");
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.MappedByPeer)], Is.EqualTo(1));
        var told = log.Take().OfType<MasqueradeMappingMade>().Single();
        Assert.That((told.IsByPeer, (int)told.Translated.Port), Is.EqualTo((true, second.Port)));
        Assert.That(_lab.Ebpf.GetStatus().Warnings.Single(), Does.StartWith("1 flows got another port than the one that their source has for all peers"));
    }

    [Test]
    [LoadTest]
    public void A_mapping_lives_as_long_as_a_flow_of_its_source([Values] bool isIPv4)
    {
        using var callees = new Callees(_lab, isIPv4);
        using var client = callees.Client(5000);
        var first = callees.Ask(client, callees.All[0]);
        Eventually.True(() =>
        {
            _ = callees.Ask(client, callees.All[0]);
            return _lab.Masquerade.ReadFlows().Single(static flow => flow.IsMapping) is { Age.TotalSeconds: > 2.5 } mapping && mapping.Translated.Port == first.Port;
        }, "the mapping is older than it lives idle");
        Assert.That(callees.Ask(client, callees.All[1]), Is.EqualTo(first));
        Eventually.True(() => _lab.Ebpf.CountFlows() == 0, "it ends with its flows");
    }

    /// <summary>Peers at two ports of one address, and a client that is connected to none.</summary>
    private sealed class Callees(NatLab lab, bool isIPv4) : IDisposable
    {
        public Socket[] All { get; } = [.. Enumerable.Range(0, 2).Select(_ => lab.Router.Run(() => Bound(isIPv4 ? NatLab.Outside4 : NatLab.Outside6, 0)))];

        public Socket Client(int port) => lab.Pod.Run(() => Bound(isIPv4 ? NatLab.Pod4 : NatLab.Pod6, port));

        /// <summary>As whom a peer sees the client; it is answered.</summary>
        public IPEndPoint Ask(Socket client, Socket callee)
        {
            _ = client.SendTo([7], callee.LocalEndPoint!);
            EndPoint from = new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
            var buffer = new byte[8];
            Assert.That(callee.ReceiveFrom(buffer, ref from), Is.EqualTo(1));
            _ = callee.SendTo([8], from);
            EndPoint answerer = new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
            Assert.That(client.ReceiveFrom(buffer, ref answerer), Is.EqualTo(1));
            Assert.That(answerer, Is.EqualTo(callee.LocalEndPoint));
            return (IPEndPoint)from;
        }

        public void Dispose()
        {
            foreach (var callee in All)
                callee.Dispose();
        }

        private static Socket Bound(IPAddress address, int port)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
    }
}
