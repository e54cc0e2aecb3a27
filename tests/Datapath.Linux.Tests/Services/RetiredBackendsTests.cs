using System.Net;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>Which backends that left a frontend are handed to a scan, and when.</summary>
public class RetiredBackendsTests
{
    private static readonly L4Address s_udp = new(IPAddress.Parse("10.244.0.2"), 53, L4Protocol.Udp);
    private static readonly L4Address s_tcp = s_udp.WithPort(80, L4Protocol.Tcp);
    private static readonly ServiceName s_service = new("default", "web");

    private readonly KnownBackends _known = new();
    private readonly HashSet<L4Address> _inUse = [];
    private readonly Scanner _scanner = new();

    [SetUp]
    public void Forget()
    {
        _known.Set(s_service, []);
        _inUse.Clear();
        _scanner.Looking.Clear();
    }

    [Test]
    public void A_UDP_backend_is_due_at_once_whoever_else_has_it()
    {
        var retired = Make();
        _ = _inUse.Add(s_udp);
        retired.Leave(1, s_udp);
        Assert.That(_scanner.Looking, Is.Empty, "the change is not in force yet");
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(1, s_udp) }));
    }

    [Test]
    public void What_was_handed_over_is_not_handed_over_again()
    {
        var retired = Make();
        retired.Leave(1, s_udp);
        retired.Release();
        _scanner.Looking.Clear();
        retired.Release();
        Assert.That(_scanner.Looking, Is.Empty);
        Assert.That(retired.IsEmpty);
    }

    [Test]
    public void What_returns_in_the_same_change_is_not_looked_for()
    {
        var retired = Make();
        retired.Leave(1, s_udp);
        retired.Leave(2, s_udp);
        retired.Return(1, s_udp);
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(2, s_udp) }));
    }

    [Test]
    public void What_returns_later_is_taken_back_from_the_scanner()
    {
        var retired = Make();
        retired.Leave(1, s_udp);
        retired.Release();
        Assert.That(retired.IsEmpty, Is.False);
        retired.Return(1, s_udp);
        Assert.That(_scanner.Looking, Is.Empty);
        Assert.That(retired.IsEmpty);
    }

    [Test]
    public void A_backend_on_its_way_out_waits_until_it_stops_to_serve([Values(StaleTcpPolicy.Always, StaleTcpPolicy.WhenBackendIsGone)] StaleTcpPolicy policy)
    {
        var retired = Make(policy);
        _known.Set(s_service, [List(s_udp, BackendState.Terminating), List(s_tcp, BackendState.Terminating)]);
        retired.Leave(1, s_udp, Of(s_service));
        retired.Leave(2, s_tcp, Of(s_service));
        retired.Release();
        Assert.That(_scanner.Looking, Is.Empty);
        _known.Set(s_service, []);
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new RetiredBackend[] { new(1, s_udp), new(2, s_tcp) }));
    }

    [Test]
    public void What_another_service_has_on_its_way_out_is_due()
    {
        var retired = Make(StaleTcpPolicy.Always);
        _known.Set(s_service, [List(s_udp, BackendState.Terminating), List(s_tcp, BackendState.Terminating)]);
        retired.Leave(1, s_udp, Of(new("default", "other")));
        retired.Leave(2, s_tcp, Of(new("default", "other")));
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new RetiredBackend[] { new(1, s_udp), new(2, s_tcp) }));
    }

    [Test]
    public void A_change_of_what_a_frontend_wants_is_for_what_waits_too()
    {
        var retired = Make();
        _ = _inUse.Add(s_tcp);
        retired.Leave(1, s_tcp);
        retired.Leave(2, s_tcp);
        retired.Change(1, StaleTcpPolicy.Never);
        Assert.That(retired.TakeDoubt(), Is.False);
        retired.Change(2, StaleTcpPolicy.Always);
        Assert.That((retired.TakeDoubt(), retired.TakeDoubt()), Is.EqualTo((true, false)), "what it wanted to stay before was not remembered");
        _inUse.Clear();
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(2, s_tcp) }));
    }

    [TestCase(BackendState.TerminatingNotServing)]
    [TestCase(BackendState.Maintenance)]
    public void A_backend_that_does_not_serve_is_due_for_UDP_and_not_gone_for_TCP(BackendState state)
    {
        var retired = Make();
        _known.Set(s_service, [List(s_udp, state), List(s_tcp, state)]);
        retired.Leave(1, s_udp);
        retired.Leave(2, s_tcp);
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(1, s_udp) }));
    }

    [Test]
    public void Backends_of_a_frontend_that_is_redirected_are_due_for_UDP_and_not_gone_for_TCP()
    {
        var retired = Make();
        var redirect = new Redirect(s_service, []);
        _known.Set(s_service, [List(s_udp, BackendState.Active) with { Redirects = [redirect] }, List(s_tcp, BackendState.Active) with { Redirects = [redirect] }]);
        retired.Leave(1, s_udp);
        retired.Leave(2, s_tcp);
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(1, s_udp) }));
    }

    [Test]
    public void A_TCP_backend_that_a_frontend_has_waits_until_none_has()
    {
        var retired = Make();
        _ = _inUse.Add(s_tcp);
        retired.Leave(1, s_tcp);
        retired.Release();
        Assert.That(_scanner.Looking, Is.Empty);
        _inUse.Clear();
        retired.Release();
        Assert.That(_scanner.Looking, Is.EquivalentTo(new[] { new RetiredBackend(1, s_tcp) }));
    }

    [Test]
    public void TCP_backends_are_due_at_once_if_always_and_not_even_remembered_if_never([Values(StaleTcpPolicy.Always, StaleTcpPolicy.Never)] StaleTcpPolicy policy)
    {
        var retired = Make(policy);
        _ = _inUse.Add(s_tcp);
        retired.Leave(1, s_tcp);
        Assert.That(retired.IsEmpty, Is.EqualTo(policy is StaleTcpPolicy.Never));
        retired.Release();
        Assert.That(_scanner.Looking, Has.Count.EqualTo(policy is StaleTcpPolicy.Always ? 1 : 0));
    }

    [Test]
    public void What_a_frontend_says_itself_counts([Values] StaleTcpPolicy configured, [Values] StaleTcpPolicy own)
    {
        var retired = Make(configured);
        _ = _inUse.Add(s_tcp);
        retired.Leave(1, s_tcp, Of(s_service, own));
        retired.Leave(2, s_udp, Of(s_service, own));
        Assert.That(_scanner.Looking, Is.Empty);
        retired.Release();
        RetiredBackend[] expected = own is StaleTcpPolicy.Always ? [new(1, s_tcp), new(2, s_udp)] : [new(2, s_udp)];
        Assert.That(_scanner.Looking, Is.EquivalentTo(expected));
        _inUse.Clear();
        retired.Release();
        if (own is StaleTcpPolicy.WhenBackendIsGone)
            expected = [new(1, s_tcp), .. expected];
        Assert.That(_scanner.Looking, Is.EquivalentTo(expected));
    }

    [Test]
    public void TCP_backends_that_never_go_do_not_pile_up()
    {
        var retired = Make();
        _ = _inUse.Add(s_tcp);
        for (uint id = 1; id <= RetiredBackends.MaxWaiting + 10; id++)
            retired.Leave(id, s_tcp);
        retired.Release();
        _inUse.Clear();
        retired.Release();
        Assert.That(_scanner.Looking, Has.Count.EqualTo(RetiredBackends.MaxWaiting));
    }

    [Test]
    public void A_backend_is_known_as_long_as_one_service_lists_it()
    {
        var other = new ServiceName("default", "other");
        _known.Set(s_service, [List(s_tcp, BackendState.Maintenance)]);
        _known.Set(other, [List(s_tcp, BackendState.Terminating)]);
        _known.Set(s_service, []);
        Assert.That((_known.IsListed(s_tcp), _known.IsDraining(other, s_tcp), _known.IsDraining(s_service, s_tcp)), Is.EqualTo((true, true, false)));
        _known.Set(other, [List(s_tcp, BackendState.Maintenance)]);
        Assert.That((_known.IsListed(s_tcp), _known.IsDraining(other, s_tcp)), Is.EqualTo((true, false)));
        _known.Set(other, []);
        Assert.That(_known.IsListed(s_tcp), Is.False);
        Assert.That(_known.Services, Is.Empty);
    }

    [Test]
    public void Backends_that_take_new_connections_are_not_counted()
    {
        _known.Set(s_service, [List(s_tcp, BackendState.Active) with { UsableCount = 1 }]);
        Assert.That(_known.IsListed(s_tcp), Is.False);
        Assert.That(_known.Services, Is.Empty);
    }

    private RetiredBackends Make(StaleTcpPolicy policy = StaleTcpPolicy.WhenBackendIsGone) => new(policy, _known, _inUse.Contains, _ => 0, _scanner);

    private static BackendLoser Of(ServiceName service, StaleTcpPolicy? own = null) => new(service, own);

    /// <summary>A frontend that sends nothing to its one backend.</summary>
    private static Frontend List(L4Address backend, BackendState state) =>
        new() { Address = new(IPAddress.Parse("10.96.0.1"), backend.Port, backend.Protocol), Backends = [new(backend, state)] };

    private sealed class Scanner : IStaleSocketScanner
    {
        public HashSet<RetiredBackend> Looking { get; } = [];

        public bool IsIdle => Looking.Count == 0;

        public void Add(IReadOnlyDictionary<RetiredBackend, ulong> retired) => Looking.UnionWith(retired.Keys);

        public void List(SocketListing listing) => throw new NotSupportedException();

        public bool Cancel(RetiredBackend retired) => Looking.Remove(retired);
    }
}
