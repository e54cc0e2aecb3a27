using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Agent;

/// <summary><c>verify</c>: what the agent wants against what the kernel holds.</summary>
[TestFixture]
internal sealed class VerifyCommandTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Without_an_agent_nobody_knows() => Assert.That(
        _lab.Run("verify"),
        Is.EqualTo(new AgentRun(4, "", $"datapath-agent: no agent runs for '{_lab.BpfRoot}', so nobody knows what should be there\n")));

    [Test]
    public void What_was_changed_behind_the_agents_back_is_told()
    {
        using var agent = _lab.StartAgent();
        Assert.That(_lab.Run("verify"), Is.EqualTo(new AgentRun(0, "The kernel holds what the agent wants.\n", "")));
        Assert.That(_lab.Json(0, "verify").GetArrayLength(), Is.Zero);
        using (var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.BpfRoot), SocketLbObject.Frontends4)))
        {
            var key = Ipv4Family.Key(new(ServiceLab.ServiceV4(), ServiceLab.ServicePort, L4Protocol.Tcp));
            Assert.That(map.AsHash<FrontendKey4, FrontendValue>().Remove(in key), Is.True);
        }

        var difference = _lab.Json(1, "verify").EnumerateArray().Single();
        Assert.That(
            (difference.GetProperty("kind").GetString(), difference.GetProperty("subject").GetString()), Is.EqualTo(("Missing", "10.96.0.1:80/TCP")));
        var run = _lab.Run("verify");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.OutputLines, Is.EqualTo(new[] { "KIND SUBJECT DETAILS", "Missing 10.96.0.1:80/TCP" }));
        agent.Kill();
    }

    [Test]
    public void An_agent_without_pins_is_asked_what_the_kernel_holds()
    {
        using var lab = new AgentLab(lifetime: "process");
        Assert.That(lab.Run("lb", "list"), Is.EqualTo(new AgentRun(4, "", $"datapath-agent: nothing is pinned in '{lab.BpfRoot}', and no agent runs for it\n")));
        lab.Write("one.yaml", AgentLab.Service(1, 2, 3));
        using var agent = lab.StartAgent();
        Assert.That(lab.Run("verify"), Is.EqualTo(new AgentRun(0, "The kernel holds what the agent wants.\n", "")));
        Assert.That(lab.Ids().Keys, Is.EquivalentTo(new[] { "10.96.0.1:80/TCP", "10.96.0.1:80/UDP", "[fd10:96::1]:80/TCP", "[fd10:96::1]:80/UDP" }));
        Assert.That(lab.Json(0, "status").GetProperty("counters").EnumerateObject().Count(), Is.Positive);
    }

    [Test]
    public void A_redirect_for_some_clients_is_no_difference()
    {
        using var lab = WithProxy("10.244.0.2");
        using var agent = lab.StartAgent();
        Assert.That(PinnedDatapath.Read(lab.BpfRoot).Single().FurtherSets.Single().Passes, Is.True, "the backend itself is left alone");
        Assert.That(lab.Run("verify"), Is.EqualTo(new AgentRun(0, "The kernel holds what the agent wants.\n", "")));
        using (var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(lab.BpfRoot), SocketLbObject.Clients)))
        {
            var clients = map.AsHash<ClientKey, FrontendValue>();
            Assert.That(clients.Remove(clients.Keys.First()), Is.True);
        }

        Assert.That(lab.Json(1, "verify").EnumerateArray().Single().GetProperty("details").GetString(), Does.StartWith("a set is missing: for netns "));
    }

    [Test]
    public void A_policy_that_cannot_leave_its_pod_alone_is_listed_as_not_applied()
    {
        using var lab = WithProxy("10.244.200.200");
        using var agent = lab.StartAgent();
        var policy = lab.Json(0, "lrp", "list").EnumerateArray().Single();
        Assert.That(policy.GetProperty("error").GetString(), Does.Contain("default/proxy").And.Contains("10.244.200.200"));
        Assert.That(string.Join(' ', lab.Run("lrp", "list").OutputLines), Does.Contain("NOT APPLIED"));
        Assert.That(lab.Run("status").ExitCode, Is.EqualTo(1));
    }

    /// <summary>A policy that leads a metadata address to a pod, whose own dials are left alone.</summary>
    private static AgentLab WithProxy(string address)
    {
        var lab = new AgentLab(havePodsNames: true);
        var config = File.ReadAllText(lab.Config).TrimEnd().TrimEnd('}');
        File.WriteAllText(lab.Config, config + """, "localRedirectPolicies": { "addressMatcherCIDRs": ["169.254.0.0/16"] } }""");
        lab.Write("redirect.yaml", $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: proxy, namespace: default, labels: { app: proxy } }
            spec: { nodeName: node-a, containers: [{ name: main, ports: [{ name: http, containerPort: 8080 }] }] }
            status: { phase: Running, podIP: {{address}}, podIPs: [{ ip: {{address}} }], conditions: [{ type: Ready, status: "True" }] }
            ---
            apiVersion: cilium.io/v2
            kind: CiliumLocalRedirectPolicy
            metadata: { name: metadata, namespace: default }
            spec:
              skipRedirectFromBackend: true
              redirectFrontend: { addressMatcher: { ip: 169.254.169.254, toPorts: [{ port: "80", protocol: TCP }] } }
              redirectBackend: { localEndpointSelector: { matchLabels: { app: proxy } }, toPorts: [{ port: "8080", protocol: TCP }] }

            """);
        return lab;
    }
}
