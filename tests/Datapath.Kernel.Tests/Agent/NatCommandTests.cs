using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent that masquerades, by either engine, and tells of it.</summary>
[TestFixture("ebpf")]
[TestFixture("nftables")]
internal sealed class NatCommandTests(string engine)
{
    private NatLab _lab = null!;
    private DirectoryInfo _folder = null!;

    private string Config => Path.Combine(_folder.FullName, "agent.json");

    private string BpfRoot => $"/sys/fs/bpf/datapath-test-{Environment.ProcessId}-nat-{engine}";

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Masquerade.Dispose(); // the agent has its own
        _folder = Directory.CreateTempSubdirectory("datapath-agent-tests-");
        _ = Directory.CreateDirectory(Path.Combine(_folder.FullName, "manifests"));
        File.WriteAllText(Path.Combine(_folder.FullName, "manifests", "pod.yaml"), $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: web, namespace: shop }
            spec: { nodeName: node-a }
            status: { phase: Running, podIP: {{NatLab.Pod4}}, podIPs: [{ ip: {{NatLab.Pod4}} }, { ip: "{{NatLab.Pod6}}" }] }
            """);
        Configure(engine);
    }

    [TearDown]
    public void StopLab()
    {
        Assert.That(AgentProcess.Run("uninstall", "--config", Config).ExitCode, Is.Zero);
        Assert.That(Directory.Exists($"{BpfRoot}-masquerade"), Is.False);
        _lab.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    public void Flows_are_listed_and_counted_and_those_of_a_pinned_engine_go_on_over_a_restart()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using (var agent = Start())
        {
            Assert.That(callee.TakeFrom(_lab.Pod, 3000).Address, Is.EqualTo(NatLab.Node4));
            var flow = Json("nat", "list").EnumerateArray().Single();
            Assert.That(
                (flow.GetProperty("protocol").GetString(), flow.GetProperty("source").GetString(), flow.GetProperty("pod").GetString(), flow.GetProperty("isAnswered").GetBoolean()),
                Is.EqualTo(("UDP", $"{NatLab.Pod4}:3000", "shop/web", true)));
            Assert.That(flow.GetProperty("expiresIn").GetDouble(), Is.InRange(1, 200));
            Assert.That(Json("nat", "list", "--pod", "shop/other").GetArrayLength() + Json("nat", "list", "--protocol", "tcp").GetArrayLength(), Is.Zero);
            Assert.That(Json("nat", "list", "--source", $"{NatLab.Pod4}", "--peer", "198.51.100.0/24", "-p", "udp").GetArrayLength(), Is.EqualTo(1));
            var stats = Json("nat", "stats");
            Assert.That((stats.GetProperty("flows").GetInt32(), stats.GetProperty("counters").GetProperty("Flows").GetInt64()), Is.EqualTo((1, 1L)));
            Assert.That(stats.GetProperty("devices")[0].GetProperty("iPv4").GetString(), Is.EqualTo($"{NatLab.Node4}"));
            Assert.That(AgentProcess.Run("nat", "stats", "--config", Config).Output, Does.Contain("Peers with most flows").And.Contain("shop/web"));
            Assert.That(AgentProcess.Run("status", "--config", Config).Output, Does.Contain("masquerading: on: packets that leave by eth0"));
            agent.Kill();
        }

        using var next = Start();
        Assert.That(Json("nat", "list").GetArrayLength(), Is.EqualTo(1), "the flow outlived an agent that was killed");
        Assert.That(callee.TakeFrom(_lab.Pod, 3001).Address, Is.EqualTo(NatLab.Node4));
    }

    [Test]
    public void Another_engine_takes_over_and_nothing_of_the_first_is_left()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside6, ProtocolType.Tcp);
        using (var agent = Start())
        {
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node6));
            agent.Kill();
        }

        Configure(engine is "ebpf" ? "nftables" : "ebpf");
        using var other = Start();
        Assert.That(other.Errors, Does.Contain("Masquerading had another engine before"));
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node6));
    }

    private void Configure(string wanted) => File.WriteAllText(Config, $$"""
        {
          "bpfRoot": "{{BpfRoot}}", "services": { "enabled": false }, "hostNetworkNamespace": "/proc/{{Environment.ProcessId}}/fd/{{_lab.Node.Handle.DangerousGetHandle()}}",
          "node": { "name": "node-a", "addresses": ["{{NatLab.Node4}}", "{{NatLab.Node6}}"] },
          "masquerade": { "enabled": true, "engine": "{{wanted}}", "devices": ["eth0"] }
        }
        """);

    private AgentProcess Start()
    {
        var agent = AgentProcess.Start("run", "--config", Config, "--manifests", Path.Combine(_folder.FullName, "manifests"));
        agent.WaitFor("Synced ");
        return agent;
    }

    private System.Text.Json.JsonElement Json(params string[] command)
    {
        var run = AgentProcess.Run([.. command, "-o", "json", "--config", Config]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var document = System.Text.Json.JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
