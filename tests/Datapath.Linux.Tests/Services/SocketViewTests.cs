using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

internal sealed class SocketViewTests
{
    private static readonly ServiceName s_name = new("default", "web");
    private static readonly Backend s_own = new(L4Address.Parse("10.1.0.1:8080/TCP"));
    private static readonly Backend s_local = new(L4Address.Parse("10.1.0.9:9090/TCP"));
    private static readonly ServiceName s_policy = new("default", "policy:local-redirect");

    [Test]
    public void Plain_frontends_are_served_as_they_are()
    {
        var service = new DesiredService(s_name, [Frontend("10.96.0.1:80/TCP"), Frontend("192.0.2.1:80/TCP", FrontendType.LoadBalancer)]);
        Assert.That(View(service).Select(static f => (f.Address, f.Type)), Is.EqualTo(service.Frontends.Select(static f => (f.Address, f.Type))));
        Assert.That(View(service).Select(static f => f.Backends.Single()), Is.All.EqualTo(s_own));
        Assert.That(View(service).Select(static f => f.Traits.NeedsHeader), Is.All.False);
    }

    [Test]
    public void Backends_that_take_no_new_connections_are_left_out()
    {
        var frontend = Frontend("10.96.0.1:80/TCP") with { Backends = [s_own, s_local], UsableCount = 1 };
        Assert.That(View(new(s_name, [frontend])).Single().Backends, Is.EqualTo(new[] { s_own }));
    }

    [Test]
    public void A_number_of_usable_backends_that_cannot_be_is_refused([Values(-1, 2)] int count)
    {
        var failures = new List<ApplyFailure>();
        Assert.That(SocketView.Of(new(s_name, [Frontend("10.96.0.1:80/TCP") with { UsableCount = count }]), new NoPods(), failures), Is.Empty);
        Assert.That(failures.Single().Reason, Is.EqualTo($"UsableCount is {count} with 1 backends"));
    }

    [Test]
    public void A_port_of_the_node_is_served_at_the_addresses_of_the_node_and_for_the_host_alone_on_loopback([Values(FrontendType.NodePort, FrontendType.HostPort)] FrontendType type)
    {
        var frontend = Frontend("0.0.0.0:30080/TCP", type) with { NodeAddresses = [L4Address.Parse("127.0.0.1:30080/TCP"), L4Address.Parse("192.0.2.1:30080/TCP")] };
        var served = View(new(s_name, [frontend]));
        Assert.That(served.Select(f => (f.Address.ToString(), f.IsHostOnly)), Is.EqualTo(new[] { ("0.0.0.0:30080/TCP", true), ("192.0.2.1:30080/TCP", false) }));
        Assert.That(served.Select(f => f.Backends.Single()), Is.All.EqualTo(s_own));
    }

    [Test]
    public void An_external_IP_is_served_if_it_is_at_the_node([Values] bool isAtNode)
    {
        var frontend = Frontend("198.51.100.1:80/TCP", FrontendType.ExternalIPs) with { IsAtNode = isAtNode };
        Assert.That(View(new(s_name, [frontend])), Has.Count.EqualTo(isAtNode ? 1 : 0));
    }

    [Test]
    public void Of_two_scopes_programs_of_the_node_get_the_internal_one()
    {
        var external = Frontend("192.0.2.1:80/TCP", FrontendType.LoadBalancer) with { Flags = FrontendFlags.TwoScopes };
        var inside = external with { Scope = FrontendScope.Internal, Backends = [s_local] };
        Assert.That(View(new(s_name, [external, inside])).Single().Backends.Single(), Is.EqualTo(s_local));
        Assert.That(View(new(s_name, [external])).Single().Backends.Single(), Is.EqualTo(s_own));
    }

    [Test]
    public void A_redirect_for_everybody_replaces_the_backends()
    {
        var frontend = Frontend("10.96.0.1:80/TCP") with { Redirects = [new(s_policy, [s_local])] };
        var served = View(new(s_name, [frontend])).Single();
        Assert.That(served.Backends, Is.EqualTo(new[] { s_local }));
    }

    [Test]
    public void A_redirect_without_backends_refuses_dials()
    {
        var frontend = Frontend("10.96.0.1:80/TCP") with { Redirects = [new(s_policy, [])] };
        Assert.That(View(new(s_name, [frontend])).Single().Backends, Is.Empty);
    }

    private static Frontend Frontend(string address, FrontendType type = FrontendType.ClusterIP) =>
        new() { Address = L4Address.Parse(address), Type = type, Backends = [s_own], UsableCount = 1 };

    private static IReadOnlyList<SocketFrontend> View(DesiredService service)
    {
        var failures = new List<ApplyFailure>();
        var served = SocketView.Of(service, new NoPods(), failures);
        Assert.That(failures, Is.Empty);
        return served;
    }
}
