using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Clients that stay with their backend.</summary>
[TestFixture]
[LoadTest]
internal sealed class AffinityTests
{
    /// <summary>So many dials all reach one of several backends by chance in one of a million test runs.</summary>
    private const int Many = 24;

    private ServiceLab _lab = null!;
    private StickyClients _clients = null!;

    public enum Target
    {
        IPv4,
        IPv6,
        Mapped,
    }

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 3, DatapathLifetime.Pinned);
        _clients = new(_lab);
    }

    [TearDown]
    public void StopLab()
    {
        _clients.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void Each_pod_stays_with_its_backend(
        [Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3, 4);
        var first = PodOf(1, protocol, target);
        var second = PodOf(4, protocol, target);
        Assert.That(PodOf(1, protocol, target), Is.EqualTo(first));
        Assert.That(PodOf(4, protocol, target), Is.EqualTo(second));
        Assert.That(_clients.Entries.Select(static e => e.Key.Client).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public void Without_affinity_a_pod_spreads_and_nothing_is_noted([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3, 4));
        Assert.That(Pods(1, protocol, target).Distinct().Count(), Is.GreaterThan(1));
        Assert.That(_clients.Entries, Is.Empty);
    }

    [Test]
    public void Sends_of_an_unconnected_socket_stay_too([Values] bool isIPv6)
    {
        Apply(2, 3, 4);
        var address = isIPv6 ? ServiceLab.ServiceV6() : ServiceLab.ServiceV4();
        var pod = PodOf(1, L4Protocol.Udp, isIPv6 ? Target.IPv6 : Target.IPv4);
        _lab.Pods[1].Run(() =>
        {
            for (var i = 0; i < Many; i++)
            {
                using var socket = new RawSocket(address.AddressFamily, SocketType.Dgram);
                var (answer, from) = Dial.AskAt(socket, address);
                Assert.That(answer.Pod, Is.EqualTo(pod));
                Assert.That(from, Is.EqualTo(SocketName.Of(address, ServiceLab.ServicePort).ToString()));
            }
        });
    }

    [Test]
    public void A_client_is_free_again_when_its_time_is_over([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3);
        var first = PodOf(1, protocol, target);
        for (var i = 0; i < Many; i++)
        {
            _clients.Age(TimeSpan.FromHours(2.9));
            Assert.That(AnswerOf(1, protocol, target), Is.EqualTo(first), "within the time; the last use counts");
        }

        var pods = new HashSet<string>();
        for (var i = 0; i < Many; i++)
        {
            _clients.Age(TimeSpan.FromHours(3));
            var pod = AnswerOf(1, protocol, target);
            _ = pods.Add(pod);
            Assert.That(AnswerOf(1, protocol, target), Is.EqualTo(pod), "the new one is kept");
        }

        Assert.That(pods, Is.EquivalentTo(new[] { "pod2", "pod3" }));
    }

    [Test]
    public void A_use_that_another_processor_noted_later_than_now_is_no_expiry()
    {
        Apply(2, 3);
        var first = PodOf(1);
        for (var i = 0; i < Many; i++)
        {
            _clients.Age(TimeSpan.FromHours(-1));
            Assert.That(AnswerOf(1), Is.EqualTo(first));
        }
    }

    [Test]
    public void A_backend_that_leaves_is_dropped_at_once_and_another_is_kept([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3, 4);
        var left = int.Parse(PodOf(1, protocol, target)[3..]);
        int[] staying = [.. new[] { 2, 3, 4 }.Where(pod => pod != left)];
        Apply(staying);
        var next = PodOf(1, protocol, target);
        Assert.That(next, Is.AnyOf($"pod{staying[0]}", $"pod{staying[1]}"));
        Apply(2, 3, 4);
        Assert.That(PodOf(1, protocol, target), Is.EqualTo(next), "who comes back does not take its clients back");
    }

    [Test]
    public void A_backend_that_takes_no_new_connections_is_dropped_at_once([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3);
        var left = int.Parse(PodOf(1, protocol, target)[3..]);
        var service = StickyClients.Of(ServiceLab.Service(1, 5 - left, left));
        _ = _lab.Apply(service with
        {
            Frontends = [.. service.Frontends.Select(static f => f with { Backends = [f.Backends[0], f.Backends[1] with { IsUnhealthy = true }], UsableCount = 1 })],
        });
        Assert.That(PodOf(1, protocol, target), Is.EqualTo($"pod{5 - left}"));
    }

    [Test]
    public void A_client_stays_while_the_slots_are_others(
        [Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3, 4);
        var pod = PodOf(1, protocol, target);
        foreach (var order in new int[][] { [4, 3, 2], [3, 2, 4], [5, 2, 3, 4], [2, 4, 5, 3], [int.Parse(pod[3..])], [3, 4, 2] })
        {
            Apply(order);
            Assert.That(PodOf(1, protocol, target), Is.EqualTo(pod));
        }

        _ = _lab.Apply(Weighted(StickyClients.Of(ServiceLab.Service(1, 4, 2, 3))));
        Assert.That(PodOf(1, protocol, target), Is.EqualTo(pod));
    }

    [Test]
    public void A_client_that_did_not_dial_meanwhile_finds_a_backend_that_was_away_while_others_used_it()
    {
        _ = _lab.Apply(ServiceLab.Service(2, 2, 3, 4)); // an identifier lives as long as somebody uses it
        Apply(2, 3, 4);
        var pod = PodOf(1);
        Apply([.. new[] { 2, 3, 4 }.Where(p => $"pod{p}" != pod)]);
        Apply(4, 2, 3);
        Assert.That(PodOf(1), Is.EqualTo(pod));
    }

    [Test]
    public void A_place_that_is_wrong_is_mended()
    {
        Apply(2, 3, 4);
        _ = AnswerOf(1);
        foreach (var backend in _lab.Frontend(1).Backends)
        {
            _clients.Send(backend.Id);
            Assert.That(_lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4())).Pod, Is.EqualTo(PodAt(backend.Address)));
            Assert.That(_clients.Entries.Single().Value.Slot, Is.Not.Zero);
        }
    }

    [Test]
    public void Each_port_of_a_service_has_clients_of_its_own()
    {
        var service = StickyClients.Of(ServiceLab.Service(1, 2, 3));
        _ = _lab.Apply(service with { Frontends = [.. service.Frontends, .. service.Frontends.Select(static f => f with { Address = new(f.Address.Address, 81, f.Address.Protocol) })] });
        _lab.Pods[1].Run(() =>
        {
            foreach (var port in new[] { 80, 81, 80, 81 })
                _ = Dial.Tcp(ServiceLab.ServiceV4(), port);
            Assert.That(_clients.Entries.Select(static e => e.Key.FrontendId).Distinct().Count(), Is.EqualTo(2));
            var first = Dial.Tcp(ServiceLab.ServiceV4(), 80).Pod;
            var second = Dial.Tcp(ServiceLab.ServiceV4(), 81).Pod;
            for (var i = 0; i < Many; i++)
            {
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4(), 80).Pod, Is.EqualTo(first));
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4(), 81).Pod, Is.EqualTo(second));
            }
        });
    }

    [Test]
    public void It_is_switched_on_changed_and_off_while_the_frontend_serves([Values] Target target)
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        Assert.That(Pods(1, L4Protocol.Tcp, target).Distinct().Count(), Is.EqualTo(2));
        Apply(2, 3);
        var pod = PodOf(1, L4Protocol.Tcp, target);
        _ = _lab.Apply(StickyClients.Of(ServiceLab.Service(1, 2, 3), seconds: 60));
        Assert.That(PodOf(1, L4Protocol.Tcp, target), Is.EqualTo(pod));
        Assert.That(_lab.Frontend(1).AffinitySeconds, Is.EqualTo(60));
        var pods = new HashSet<string>();
        for (var i = 0; i < Many; i++)
        {
            _clients.Age(TimeSpan.FromSeconds(60));
            _ = pods.Add(AnswerOf(1, L4Protocol.Tcp, target));
        }

        Assert.That(pods, Has.Count.EqualTo(2), "the new time counts for those who are there already");
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        Assert.That(Pods(1, L4Protocol.Tcp, target).Distinct().Count(), Is.EqualTo(2));
        Assert.That(_lab.Frontend(1).AffinitySeconds, Is.Zero);
    }

    [Test]
    public void A_restart_keeps_who_stays_where([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values] Target target)
    {
        Apply(2, 3, 4);
        var pod = PodOf(1, protocol, target);
        var before = _clients.Entries.Select(static e => (e.Key, e.Value.BackendId)).ToArray();
        _lab.Reopen();
        _ = _lab.Datapath.Replace(ServiceLab.State(StickyClients.Of(ServiceLab.Service(1, 2, 3, 4))));
        Assert.That(PodOf(1, protocol, target), Is.EqualTo(pod));
        Assert.That(_clients.Entries.Select(static e => (e.Key, e.Value.BackendId)), Is.EqualTo(before));
    }

    [Test]
    public void Clients_of_a_redirected_frontend_stay_with_local_backends([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol)
    {
        Apply(4);
        Assert.That(PodOf(1, protocol), Is.EqualTo("pod4"));
        var service = StickyClients.Of(ServiceLab.Service(1, 4));
        _ = _lab.Apply(service with
        {
            Frontends = [.. service.Frontends.Select(static f => f with { Redirects = [new(new("default", "policy:local-redirect"), Local(f))] })],
        });
        Assert.That(PodOf(1, protocol), Is.AnyOf("pod2", "pod3"));
        Apply(4);
        Assert.That(PodOf(1, protocol), Is.EqualTo("pod4"));
    }

    [Test]
    public void A_frontend_without_backends_refuses_and_keeps_nobody([Values] Target target)
    {
        Apply(2, 3);
        _ = PodOf(1, L4Protocol.Tcp, target);
        Apply();
        Assert.That(AnswerOf(1, L4Protocol.Tcp, target), Is.EqualTo(nameof(Errno.ECONNREFUSED)));
        Apply(3);
        Assert.That(PodOf(1, L4Protocol.Tcp, target), Is.EqualTo("pod3"));
    }

    private static ImmutableArray<Backend> Local(Frontend frontend) =>
        ServiceLab.Service(1, 2, 3).Frontends.Single(f => f.Address == frontend.Address).Backends;

    private static DesiredService Weighted(DesiredService service) =>
        service with { Frontends = [.. service.Frontends.Select(static f => f with { Backends = [.. f.Backends.Select(static (b, i) => b with { Weight = i + 1 })] })] };

    private static string PodAt(L4Address backend) => $"pod{backend.Address.GetAddressBytes()[^1]}";

    private static IPAddress AddressOf(Target target) => target switch
    {
        Target.IPv4 => ServiceLab.ServiceV4(),
        Target.IPv6 => ServiceLab.ServiceV6(),
        _ => ServiceLab.ServiceV4().MapToIPv6(),
    };

    private void Apply(params ReadOnlySpan<int> pods) => _lab.Apply(StickyClients.Of(ServiceLab.Service(1, pods)));

    /// <summary>The one pod that many sockets reach.</summary>
    private string PodOf(int client, L4Protocol protocol = L4Protocol.Tcp, Target target = Target.IPv4)
    {
        var pods = Pods(client, protocol, target).Distinct().ToArray();
        Assert.That(pods, Has.Length.EqualTo(1));
        return pods[0];
    }

    private string AnswerOf(int client, L4Protocol protocol = L4Protocol.Tcp, Target target = Target.IPv4) =>
        _lab.Pods[client].Run(() => (protocol is L4Protocol.Tcp ? Dial.Tcp(AddressOf(target)) : Dial.Udp(AddressOf(target))).ToString());

    private string[] Pods(int client, L4Protocol protocol, Target target) => _lab.Pods[client].Run(() =>
    {
        var address = AddressOf(target);
        return Enumerable.Range(0, Many).Select(_ => (protocol is L4Protocol.Tcp ? Dial.Tcp(address) : Dial.Udp(address)).ToString()).ToArray();
    });
}
