using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Ports run short.</summary>
[TestFixture(NatEngine.Ebpf)]
[TestFixture(NatEngine.Nftables, Category = "Load")] // the virtual machines have no modules of nf_tables
[LoadTest]
internal sealed class PortTests(NatEngine engine)
{
    [Test]
    public void When_no_port_is_free_towards_a_peer_new_flows_are_refused_and_old_ones_go_on([Values] bool isIPv4)
    {
        using var lab = new NatLab(engine, firstPort: 40000, lastPort: 40009);
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Socket[] clients = [.. Enumerable.Range(0, 10).Select(i => callee.Connect(lab.Pod, 3000 + i))];
        try
        {
            var ports = clients.Select(client => callee.Exchange(client).Port).ToArray();
            Assert.That(ports.Order(), Is.EqualTo(Enumerable.Range(40000, 10)));
            using var refused = callee.Connect(lab.Pod, 2999);
            _ = refused.Send([1]);
            if (engine is NatEngine.Ebpf)
                Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)], Is.EqualTo(1));
            Assert.That(clients.Select(client => callee.Exchange(client).Port), Is.EqualTo(ports));

            // Towards another peer all of them are free.
            using var other = new Callee(lab.Router, isIPv4 ? NatLab.OtherOutside4 : NatLab.Outside6, ProtocolType.Udp);
            Assert.That(other.TakeFrom(lab.Pod, 2998).Port, Is.InRange(40000, 40009));
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }

    [Test]
    public void Of_a_range_that_is_nearly_full_the_rest_is_found()
    {
        using var lab = new NatLab(engine, firstPort: 40000, lastPort: 40099);
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Socket[] clients = [.. Enumerable.Range(0, 97).Select(i => callee.Connect(lab.Pod, 3000 + i))];
        foreach (var client in clients)
        {
            _ = callee.Exchange(client);
            client.Dispose();
        }

        Assert.That(lab.Masquerade.ReadFlows(), Has.Length.EqualTo(97));
    }
}
