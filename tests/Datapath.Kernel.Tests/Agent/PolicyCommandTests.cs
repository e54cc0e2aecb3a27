using System.Text.Json;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What the agent tells of redirect policies.</summary>
[TestFixture]
internal sealed class PolicyCommandTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        var config = File.ReadAllText(_lab.Config).TrimEnd().TrimEnd('}');
        File.WriteAllText(_lab.Config, config + """, "localRedirectPolicies": { "addressMatcherCIDRs": ["169.254.0.0/16"] } }""");
        _lab.Write("pod.yaml", """
            apiVersion: v1
            kind: Pod
            metadata: { name: proxy, namespace: default, labels: { app: proxy } }
            spec: { nodeName: node-a, containers: [{ name: main, ports: [{ name: http, containerPort: 8080 }] }] }
            status: { phase: Running, podIP: 10.244.0.2, podIPs: [{ ip: 10.244.0.2 }], conditions: [{ type: Ready, status: "True" }] }
            """);
        _lab.Write("policies.yaml", Policy("metadata", "169.254.169.254") + "---\n" + Policy("outside", "10.1.2.3"));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static string Policy(string name, string address) => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata: { name: {{name}}, namespace: default }
        spec:
          redirectFrontend: { addressMatcher: { ip: {{address}}, toPorts: [{ port: "80", protocol: TCP }] } }
          redirectBackend: { localEndpointSelector: { matchLabels: { app: proxy } }, toPorts: [{ port: "8080", protocol: TCP }] }

        """;

    [Test]
    public void Policies_are_listed_with_what_became_of_them()
    {
        using var agent = _lab.StartAgent();
        var rows = _lab.Json(0, "lrp", "list").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(static r => Text(r, "policy")), Is.EqualTo(new[] { "default/metadata", "default/outside" }));
            Assert.That(rows.Select(static r => Text(r, "condition")), Is.EqualTo(new[] { "Active", "Rejected" }));
            Assert.That(rows.Select(static r => Text(r, "kind")), Is.All.EqualTo("CiliumLocalRedirectPolicy"));
            Assert.That(rows[0].GetProperty("frontends").EnumerateArray().Select(static f => f.GetString()), Is.EqualTo(new[] { "169.254.169.254:80/TCP" }));
            Assert.That(rows[1].GetProperty("frontends").GetArrayLength(), Is.Zero);
            Assert.That(Text(rows[1], "message"), Does.Contain("10.1.2.3"));
        });
        var table = _lab.Run("lrp", "list").OutputLines;
        Assert.That(table[0], Is.EqualTo("POLICY KIND CONDITION FRONTENDS MESSAGE"));
        Assert.That(table[1], Does.StartWith("default/metadata CiliumLocalRedirectPolicy Active 169.254.169.254:80/TCP redirects 1 frontend"));
        Assert.That(table[2], Does.StartWith("default/outside CiliumLocalRedirectPolicy Rejected - "));

        var status = _lab.Run("status");
        Assert.That(status.ExitCode, Is.EqualTo(1), "something is refused");
        Assert.That(status.OutputLines, Has.Some.EqualTo("Policies: 1 Active, 1 Rejected")
            .And.Some.StartsWith("Not in force: CiliumLocalRedirectPolicy default/outside: Rejected: "));
    }

    [Test]
    public void Without_an_agent_there_is_nothing_to_list() => Assert.That(
        _lab.Run("lrp", "list"),
        Is.EqualTo(new AgentRun(4, "", $"datapath-agent: no agent runs for '{_lab.BpfRoot}'; `plan` shows what manifests would do\n")));

    private static string? Text(JsonElement row, string property) => row.GetProperty(property).GetString();
}
