using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>Whoever looks sees what became of objects of every kind.</summary>
internal sealed class NotInForceTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: Service
        metadata: { name: a, namespace: default }
        spec: { clusterIP: 10.96.0.1, ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: first, namespace: default, creationTimestamp: "2026-01-01T00:00:00Z" }
        spec: { nodeName: node-a, containers: [{ name: main, ports: [{ containerPort: 80, hostPort: 8080 }] }] }
        status: { phase: Running, podIP: 10.244.0.1, podIPs: [{ ip: 10.244.0.1 }], conditions: [{ type: Ready, status: "True" }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: second, namespace: default, creationTimestamp: "2026-01-02T00:00:00Z" }
        spec: { nodeName: node-a, containers: [{ name: main, ports: [{ containerPort: 80, hostPort: 8080 }] }] }
        status: { phase: Running, podIP: 10.244.0.2, podIPs: [{ ip: 10.244.0.2 }], conditions: [{ type: Ready, status: "True" }] }
        ---
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata: { name: outside, namespace: default }
        spec:
          redirectFrontend: { addressMatcher: { ip: 10.1.2.3, toPorts: [{ port: "80", protocol: TCP }] } }
          redirectBackend: { localEndpointSelector: { matchLabels: { app: none } }, toPorts: [{ port: "80", protocol: TCP }] }
        """;

    [Test]
    public async Task Refused_policies_and_pods_in_conflict_show_beside_services()
    {
        using var temp = new TempFolder();
        temp.Write("all.yaml", Manifests);
        await using var lab = new HostLab(builder =>
        {
            _ = builder.AddManifestFolder(temp.Path).Services.AddDatapath(static o =>
            {
                o.Node.Name = "node-a";
                o.LocalRedirect.AddressMatcherCidrs.Add(new(new([169, 254, 0, 0]), 16));
            });
        });
        await lab.Host.StartAsync();
        var now = await lab.SyncedAsync();
        Assert.That(now.NotInForce.Select(static s => $"{s.Object}: {s.Condition}"), Is.EqualTo(new[]
        {
            "Pod default/second: Conflict", "CiliumLocalRedirectPolicy default/outside: Rejected",
        }));
        Assert.That(now.NotInForce[1].Message, Does.Contain("10.1.2.3"));
        Assert.That(lab.Log.At(LogLevel.Warning), Is.EquivalentTo(now.NotInForce.Select(static s => s.ToString())));

        var report = await lab.Host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Deadline.Token);
        var health = report.Entries["datapath"];
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(health.Description, Does.EndWith($" services; 2 objects not in force, the first: {now.NotInForce[0]}"));
    }

    [Test]
    public async Task What_is_refused_while_it_is_read_shows_until_it_is_good()
    {
        using var temp = new TempFolder();
        temp.Write("a.yaml", Objects.Manifest("a"));
        temp.Write("b.yaml", Objects.Manifest("b", address: 2, port: 0));
        await using var lab = new HostLab(builder => _ = builder.AddManifestFolder(temp.Path));
        await lab.Host.StartAsync();
        var now = await lab.SyncedAsync();
        Assert.That(now.NotInForce.Single().ToString(), Is.EqualTo("Service default/b: Rejected: spec.ports[0].port: '0' must be 1 to 65535"));
        Assert.That(lab.Log.At(LogLevel.Warning), Has.None.Contains("default/b"), "the error of the manifest is enough");

        temp.Write("a.yaml", Objects.Manifest("a", port: -1));
        temp.Write("b.yaml", Objects.Manifest("b", address: 2));
        now = await lab.Monitor.WaitForAsync(static s => s.Statuses.Values.Any(static status => status.IsOutdated) && s.NotInForce.Length == 1, Deadline.Token);
        Assert.That(now.NotInForce.Single().ToString(), Does.Match("^Service default/a: NoBackends: .*; a newer version is refused: .*'-1'"));
        Assert.That(now.State.Services, Has.Count.EqualTo(2));

        temp.Write("a.yaml", Objects.Manifest("a"));
        temp.Write("b.yaml", "");
        now = await lab.Monitor.WaitForAsync(static s => s.Statuses.Count == 1 && s.NotInForce.IsEmpty, Deadline.Token);
        Assert.That(now.Statuses.Values.Single().IsOutdated, Is.False);
    }
}
