using System.Text.Json;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>The command that shows what would be programmed.</summary>
[TestFixture]
internal sealed class PlanTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_plan_for_programs_is_the_tables_and_nothing_else()
    {
        var plan = _lab.Json(0, "plan", "--manifests", _lab.Manifests);
        var frontend = plan.GetProperty("frontends")[0];
        Assert.Multiple(() =>
        {
            Assert.That(Texts(plan, "services", "name"), Is.EqualTo(new[] { "default/service-1", "default/service-2" }));
            Assert.That(Texts(plan, "objects", "condition"), Has.Some.EqualTo("NoBackends").And.Some.EqualTo("Active"));
            Assert.That(frontend.GetProperty("address").GetString(), Is.EqualTo("10.96.0.1:80/TCP"));
            Assert.That(
                frontend.GetProperty("backends").EnumerateArray().Select(static b => b.GetString()),
                Is.EqualTo(new[] { "10.244.0.2:8080/TCP", "10.244.0.3:8080/TCP" }));
            Assert.That(plan.GetProperty("maps").GetProperty("frontends").EnumerateObject().Count(), Is.EqualTo(8));
            Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
        });
    }

    [Test]
    public void A_plan_for_people_has_a_listing_for_each_table_that_is_not_empty()
    {
        var run = _lab.Run("plan", "--manifests", _lab.Manifests);
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((0, "")));
        var lines = run.OutputLines;
        Assert.Multiple(() =>
        {
            Assert.That(lines, Is.SupersetOf(new[] { "Plan for node 'node-a'", "Frontends", "Backends", "Services", "Map of frontends", "Objects that are not simply in force" }));
            Assert.That(lines, Does.Not.Contain("Local redirect policies"));
            Assert.That(lines, Does.Contain("10.96.0.1:80/TCP ClusterIP default/service-1 tcp - 10.244.0.2:8080/TCP"));
            Assert.That(lines, Does.Contain("10.96.0.2:80/TCP ClusterIP nonRoutable - 0 of 0 (none)"));
            Assert.That(lines, Has.Some.StartsWith("Service default/service-2 NoBackends "));
            Assert.That(lines, Has.None.StartsWith("Service default/service-1 "));
        });
    }

    [Test]
    public void A_plan_for_people_tells_of_each_policy_what_became_of_it()
    {
        _lab.Write("policy.yaml", """
            apiVersion: datapath.io/v1alpha1
            kind: ClusterLocalRedirectPolicy
            metadata: { name: local }
            spec:
              frontends: [{ addresses: [10.96.0.1, 169.254.1.1], ports: [{ port: 80, protocol: TCP }] }]
              backend: { namespace: default, selector: { matchLabels: { app: proxy } } }
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: proxy, namespace: default, labels: { app: proxy } }
            spec: { nodeName: node-a, containers: [{ name: main }] }
            status: { phase: Running, podIP: 10.244.0.2, podIPs: [{ ip: 10.244.0.2 }], conditions: [{ type: Ready, status: "True" }] }
            """);
        var lines = _lab.Run("plan", "--manifests", _lab.Manifests).OutputLines;
        Assert.That(lines, Does.Contain("What became of redirect policies"));
        Assert.That(lines, Has.Some.StartsWith("ClusterLocalRedirectPolicy local Active redirects 1 frontend to 1 pod; 10.96.0.1:80/TCP belongs to service default/service-1: "));
    }

    [Test]
    public void A_plan_of_manifests_with_mistakes_names_them_and_ends_with_3([Values("table", "json")] string output)
    {
        _lab.Write("three.yaml", AgentLab.Service(3).Replace("port: 80,", "port: 70000,", StringComparison.Ordinal));
        var run = _lab.Run("plan", "--manifests", _lab.Manifests, "-o", output);
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(
            run.ErrorLines[0],
            Does.StartWith("error: ").And.Contains("three.yaml:").And.Contains("Service default/service-3: spec.ports[0].port: '70000' must be 1 to 65535"));
        Assert.That(run.Output, Does.Contain("10.96.0.1:80/TCP"));
    }

    private static IEnumerable<string?> Texts(JsonElement plan, string table, string column) =>
        plan.GetProperty(table).EnumerateArray().Select(row => row.GetProperty(column).GetString());
}
