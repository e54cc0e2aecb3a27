using System.Collections.Immutable;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>Ports that nothing has, mostly misspelt, are warned about.</summary>
internal sealed class PortWarningTests
{
    private const string Warning = "Service default/a: NoBackends: 1 frontend without a usable backend: its ports are named 'http', those of its slices 'htpp'";

    private readonly FakeSource _source = new();

    private static Service Web(string name = "a")
    {
        var service = Objects.Service(name);
        return service with { Spec = service.Spec with { Ports = [new() { Name = "http", Port = 80 }] } };
    }

    private static EndpointSlice Slice(string port) => Objects.Slice("a-1", "a", "10.0.0.1") with { Ports = [new() { Name = port, Port = 8080 }] };

    private async Task<HostLab> StartAsync(params KubernetesObject[] objects)
    {
        var lab = new HostLab(builder => builder.AddSource(_ => _source), options: static options => options.Node.Name = "node-a");
        _source.Tell(objects);
        await lab.Host.StartAsync();
        _ = await lab.SyncedAsync();
        return lab;
    }

    private async Task TellAsync(HostLab lab, ObjectBatch batch)
    {
        var before = lab.Monitor.Current.Generation;
        _source.Tell(batch);
        _ = await lab.Monitor.WaitForAsync(now => now.Generation > before, Deadline.Token);
    }

    [Test]
    public async Task A_service_whose_ports_no_slice_has_is_warned_of_once_until_it_has_them()
    {
        await using var lab = await StartAsync(Web(), Slice("htpp"));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { Warning }));
        await TellAsync(lab, ObjectBatch.Delete(Slice("").Key));
        await TellAsync(lab, ObjectBatch.Upsert(Slice("htpp")));
        Assert.That(lab.Log.Bad.Count(), Is.EqualTo(1), "slices come and go");
        await TellAsync(lab, ObjectBatch.Upsert(Slice("http")));
        await TellAsync(lab, ObjectBatch.Upsert(Slice("htpp")));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { Warning, Warning }), "it had its port in between");
        await TellAsync(lab, ObjectBatch.Delete(Web().Key));
        await TellAsync(lab, ObjectBatch.Upsert(Web()));
        Assert.That(lab.Log.Bad.Count(), Is.EqualTo(3), "it is another service");
    }

    [Test]
    public async Task A_policy_whose_ports_no_pod_has_is_warned_of_once()
    {
        Pod PodWith(int port) => new PodBuilder("default", "p").OnNode("node-a").Address("10.244.0.1").Label("app", "web").Port(port, name: "http").Ready().Build();
        var policy = new CiliumLocalRedirectPolicy
        {
            Metadata = new() { Namespace = "default", Name = "local" },
            Frontend = new() { AddressMatcher = new() { IP = "169.254.169.254", ToPorts = [new() { Name = "http", Port = 80 }] } },
            Backend = new() { LocalEndpointSelector = new(ImmutableDictionary<string, string>.Empty.Add("app", "web")), ToPorts = [new() { Name = "http", Port = 8080 }] },
        };
        await using var lab = await StartAsync(policy, PodWith(8081));
        var warning = "CiliumLocalRedirectPolicy default/local: NoBackends: none of 1 pod has a port that fits: dials to 1 frontend go where they would without the policy";
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { warning }));
        await TellAsync(lab, ObjectBatch.Delete(PodWith(8081).Key));
        await TellAsync(lab, ObjectBatch.Upsert(PodWith(8081)));
        Assert.That(lab.Log.Bad.Count(), Is.EqualTo(1), "pods come and go");
        await TellAsync(lab, ObjectBatch.Upsert(PodWith(8080)));
        await TellAsync(lab, ObjectBatch.Upsert(PodWith(8081)));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { warning, warning }), "it had its port in between");
    }

    [Test]
    public async Task A_service_whose_backends_are_of_a_family_that_it_has_not_is_warned_of_once()
    {
        var other = Slice("http") with { AddressType = AddressType.IPv6, Endpoints = [new() { Addresses = ["fd00::1"] }] };
        await using var lab = await StartAsync(Web(), other);
        string[] expected = ["Service default/a: NoBackends: 1 frontend without a usable backend: no backend of IPv4, and its backends of IPv6 get no dials: it has no address of IPv6"];
        Assert.That(lab.Log.Bad, Is.EqualTo(expected));
        await TellAsync(lab, ObjectBatch.Upsert(Slice("http") with { Metadata = new() { Namespace = "default", Name = "a-2", Labels = other.Metadata.Labels } }));
        Assert.That(lab.Log.Bad, Is.EqualTo(expected), "it is known");
        await TellAsync(lab, ObjectBatch.Delete(other.Key));
        await TellAsync(lab, ObjectBatch.Upsert(other));
        Assert.That(lab.Log.Bad.Last(), Is.EqualTo("Service default/a: Active: 1 frontend; its backends of IPv6 get no dials: it has no address of IPv6"));
    }
}
