using System.Net;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Frontends that cannot be programmed are told, and disturb nothing else.</summary>
[TestFixture]
[LoadTest]
internal sealed class FailureTests
{
    private static readonly L4Address s_address = L4Address.Parse("10.96.0.9:80/TCP");
    private ServiceLab _lab = null!;

    [OneTimeSetUp]
    public void StartLab()
    {
        _lab = new();
        _ = _lab.Apply(ServiceLab.Service(1, 2));
    }

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    private static IEnumerable<TestCaseData> Bad()
    {
        const string WrongKind = "protocol and family must be those of the frontend";
        string[] repeated = [.. Enumerable.Range(1, 20).Append(7).Select(static i => $"10.244.0.{i}:53/UDP")];
        yield return Case("SCTP", "Sctp passes no hook of sockets; TCP and UDP do", Of("10.96.0.9:80/SCTP", "10.244.0.2:8080/SCTP"));
        yield return Case("port 0", "port 0 cannot be dialed", Of("10.96.0.9:0/TCP", "10.244.0.2:8080/TCP"));
        yield return Case("unspecified IPv4", "the unspecified address cannot be a service", Of("0.0.0.0:80/TCP", "10.244.0.2:8080/TCP"));
        yield return Case("unspecified IPv6", "the unspecified address cannot be a service", Of("[::]:80/TCP", "[fd10:44::2]:8080/TCP"));
        yield return Case("backend port 0", "backend 10.244.0.2:0/TCP: port 0 cannot be dialed", Of("10.96.0.9:80/TCP", "10.244.0.2:0/TCP"));
        yield return Case("family", $"backend [fd10:44::2]:8080/TCP: {WrongKind}", Of("10.96.0.9:80/TCP", "[fd10:44::2]:8080/TCP"));
        yield return Case("protocol", $"backend 10.244.0.2:8080/UDP: {WrongKind}", Of("10.96.0.9:80/TCP", "10.244.0.2:8080/UDP"));
        yield return Case("twice", "backend 10.244.0.2:8080/TCP is listed twice", Of("10.96.0.9:80/TCP", "10.244.0.2:8080/TCP", "10.244.0.2:8080/TCP"));
        yield return Case("twice among many", "backend 10.244.0.7:53/UDP is listed twice", Of("10.96.0.9:80/UDP", repeated));
        yield return Case("too many usable", "UsableCount is 2 with 1 backends", Of("10.96.0.9:80/TCP", "10.244.0.2:8080/TCP") with { UsableCount = 2 });
        yield return Case("negative usable", "UsableCount is -1 with 1 backends", Of("10.96.0.9:80/TCP", "10.244.0.2:8080/TCP") with { UsableCount = -1 });
        static TestCaseData Case(string name, string reason, Frontend frontend) => new TestCaseData(frontend, reason).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Bad))]
    public void A_bad_frontend_is_told_and_its_neighbours_are_applied(Frontend bad, string reason) => _lab.Pods[1].Run(() =>
    {
        var good = Of("10.96.0.10:80/TCP", "10.244.0.3:8080/TCP");
        var service = new DesiredService(ServiceLab.Name(9), [bad, good]);
        var result = _lab.Datapath.Apply(new([service], []));
        Assert.That(result.Failures, Is.EqualTo(new[] { new ApplyFailure(service.Name, bad.Address, reason, IsTransient: false) }));
        Assert.That(Dial.Tcp(IPAddress.Parse("10.96.0.10")).Pod, Is.EqualTo("pod3"));
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"));
        Assert.That(_lab.Datapath.Read().Any(f => f.Address == bad.Address), Is.False);
        _ = _lab.Remove(9);
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(4));
    });

    [Test]
    public void A_frontend_that_becomes_bad_keeps_its_old_state() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(9), [Of("10.96.0.9:80/TCP", "10.244.0.3:8080/TCP")]));
        var bad = new DesiredService(ServiceLab.Name(9), [Of("10.96.0.9:80/TCP", "10.244.0.2:0/TCP")]);
        Assert.That(_lab.Datapath.Apply(new([bad], [])).Failures, Has.Length.EqualTo(1));
        Assert.That(Dial.Tcp(s_address.Address).Pod, Is.EqualTo("pod3"));
        _ = _lab.Remove(9);
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(4));
    });

    [Test]
    public void An_address_that_a_service_lists_twice_counts_once()
    {
        var service = new DesiredService(ServiceLab.Name(9), [Of("10.96.0.9:80/TCP", "10.244.0.3:8080/TCP"), Of("10.96.0.9:80/TCP", "10.244.0.2:8080/TCP")]);
        var result = _lab.Datapath.Apply(new([service], []));
        Assert.That(result.Failures.Select(static f => f.Reason), Is.EqualTo(new[] { "the service lists the address twice" }));
        Assert.That(_lab.Frontend(9).Backends.Single().Address, Is.EqualTo(L4Address.Parse("10.244.0.3:8080/TCP")));
        _ = _lab.Remove(9);
    }

    [Test]
    public void A_change_that_names_a_service_twice_is_refused_and_changes_nothing([Values] bool isRemoved)
    {
        var service = new DesiredService(ServiceLab.Name(9), [Of("10.96.0.9:80/TCP", "10.244.0.3:8080/TCP")]);
        var changes = isRemoved ? new ChangeSet([service], [service.Name]) : new ChangeSet([service, service], []);
        Assert.That(() => _lab.Datapath.Apply(changes), Throws.ArgumentException.With.Message.StartsWith($"service {service.Name} is in the change set twice"));
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(4));
    }

    [Test]
    public void A_backend_that_takes_no_new_connections_may_be_anything()
    {
        var terminating = new Backend(L4Address.Parse("10.244.0.2:0/TCP"), BackendState.TerminatingNotServing);
        var frontend = Of("10.96.0.9:80/TCP", "10.244.0.3:8080/TCP");
        frontend = frontend with { Backends = frontend.Backends.Add(terminating) };
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(9), [frontend]));
        Assert.That(_lab.Frontend(9).Backends, Has.Length.EqualTo(1));
        _ = _lab.Remove(9);
    }

    private static Frontend Of(string address, params string[] backends) => new()
    {
        Address = L4Address.Parse(address),
        Backends = [.. backends.Select(static b => new Backend(L4Address.Parse(b)))],
        UsableCount = backends.Length,
    };
}
