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
}
