namespace Datapath.Kernel.Tests.Agent;

/// <summary>What the commands tell of ranges that policies redirect.</summary>
[TestFixture]
internal sealed class RangeCommandTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(havePodsNames: true);
        _lab.Write("policy.yaml", """
            apiVersion: v1
            kind: Pod
            metadata: { name: proxy, namespace: default, labels: { app: proxy } }
            spec: { nodeName: node-a, containers: [{ name: main, ports: [{ name: http, containerPort: 8080 }] }] }
            status: { phase: Running, podIP: 10.244.0.2, podIPs: [{ ip: 10.244.0.2 }], conditions: [{ type: Ready, status: "True" }] }
            ---
            apiVersion: datapath.io/v1alpha1
            kind: ClusterLocalRedirectPolicy
            metadata: { name: egress }
            spec:
              skipRedirectFromBackend: true
              frontends: [{ addresses: [198.18.0.0/24], ports: [{ port: 80, endPort: 90 }] }]
              backend: { namespace: default, selector: { matchLabels: { app: proxy } }, ports: [{ port: 8080 }] }

            """);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Ranges_are_listed_counted_and_verified()
    {
        using var agent = _lab.StartAgent();
        var row = _lab.Json(0, "lb", "list").EnumerateArray().Single();
        var set = row.GetProperty("furtherSets").EnumerateArray().Single();
        var (id, pod) = (row.GetProperty("id").GetUInt32(), row.GetProperty("backends")[0].GetProperty("id").GetUInt32());
        Assert.Multiple(() =>
        {
            Assert.That(row.GetProperty("frontend").GetString(), Is.EqualTo("198.18.0.0/24:80-90/TCP"));
            Assert.That(row.GetProperty("type").GetString(), Is.EqualTo("LocalRedirect"));
            Assert.That((row.GetProperty("passes").GetBoolean(), set.GetProperty("passes").GetBoolean()), Is.EqualTo((false, true)));
            Assert.That(set.GetProperty("clients").EnumerateArray().Select(static c => c.GetString()), Does.Contain($"netns {_lab.Lab.Pods[2].Cookie}"));
        });
        Assert.That(_lab.Run("lb", "list").OutputLines, Is.EqualTo(new[]
        {
            "ID FRONTEND TYPE BACKEND ID BACKEND SHARE",
            $"{id} 198.18.0.0/24:80-90/TCP LocalRedirect {pod} 10.244.0.2:8080/TCP 100%",
            $"for {string.Join(", ", set.GetProperty("clients").EnumerateArray())} - (none: dials go to the address itself) -",
        }));
        Assert.That(_lab.Json(0, "status").GetProperty("ranges").GetInt32(), Is.EqualTo(1));
        Assert.That(_lab.Run("status").OutputLines, Does.Contain("Ranges: 1"));
        Assert.That(_lab.Run("verify"), Is.EqualTo(new AgentRun(0, "The kernel holds what the agent wants.\n", "")));
        Assert.That(agent.Stop(), Is.Zero);
    }
}
