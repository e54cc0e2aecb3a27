using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent that masquerades, by either engine, and tells of it.</summary>
[TestFixture("ebpf")]
[TestFixture("nftables")]
internal sealed class NatCommandTests(string engine)
{
    private NatAgentLab _agents = null!;

    private NatLab Lab => _agents.Lab;

    [SetUp]
    public void StartLab() => _agents = new(engine);

    [TearDown]
    public void StopLab() => _agents.Dispose();

    [Test]
    public void Flows_are_listed_and_counted_and_those_of_a_pinned_engine_go_on_over_a_restart()
    {
        using var callee = new Callee(Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using (var agent = _agents.Start())
        {
            Assert.That(callee.TakeFrom(Lab.Pod, 3000).Address, Is.EqualTo(NatLab.Node4));
            var flow = Json("nat", "list").EnumerateArray().Single();
            Assert.That(
                (flow.GetProperty("protocol").GetString(), flow.GetProperty("source").GetString(), flow.GetProperty("pod").GetString(), flow.GetProperty("isAnswered").GetBoolean()),
                Is.EqualTo(("UDP", $"{NatLab.Pod4}:3000", "shop/web", true)));
            var isKnown = engine is "ebpf"; // connection tracking notes it only if told to
            Assert.That(flow.GetProperty("age").ValueKind, Is.EqualTo(isKnown ? System.Text.Json.JsonValueKind.Number : System.Text.Json.JsonValueKind.Null));
            Assert.That(flow.GetProperty("expiresIn").GetDouble(), Is.InRange(1, 200));
            Assert.That(Json("nat", "list", "--pod", "shop/other").GetArrayLength() + Json("nat", "list", "--protocol", "tcp").GetArrayLength(), Is.Zero);
            Assert.That(Json("nat", "list", "--source", $"{NatLab.Pod4}", "--peer", "198.51.100.0/24", "-p", "udp").GetArrayLength(), Is.EqualTo(1));
            var stats = Json("nat", "stats");
            Assert.That((stats.GetProperty("flows").GetInt32(), stats.GetProperty("counters").GetProperty("Flows").GetInt64()), Is.EqualTo((1, 1L)));
            Assert.That(stats.GetProperty("devices")[0].GetProperty("iPv4").GetString(), Is.EqualTo($"{NatLab.Node4}"));
            Assert.That(_agents.Run("nat", "stats").Output, Does.Contain("Peers with most flows").And.Contain("shop/web"));
            Assert.That(_agents.Run("status").Output, Does.Contain("masquerading: on: packets that leave by eth0"));
            agent.Kill();
        }

        using var next = _agents.Start();
        Assert.That(Json("nat", "list").GetArrayLength(), Is.EqualTo(1), "the flow outlived an agent that was killed");
        Assert.That(callee.TakeFrom(Lab.Pod, 3001).Address, Is.EqualTo(NatLab.Node4));
    }

    [Test]
    public void Another_engine_takes_over_and_nothing_of_the_first_is_left()
    {
        Lab.TrackAll(); // a flow of the eBPF engine is one without translation to connection tracking
        using var callee = new Callee(Lab.Router, NatLab.Outside6, ProtocolType.Tcp);
        using var other4 = new Callee(Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var running = other4.Connect(Lab.Pod);
        using (var agent = _agents.Start())
        {
            Assert.That(callee.TakeFrom(Lab.Pod).Address, Is.EqualTo(NatLab.Node6));
            Assert.That(other4.Exchange(running).Address, Is.EqualTo(NatLab.Node4));
            agent.Kill();
        }

        _agents.Configure(engine is "ebpf" ? "nftables" : "ebpf");
        using var other = _agents.Start();
        Assert.That(other.Errors, Does.Contain("Masquerading had another engine before"));
        Assert.That(other4.Exchange(running).Address, Is.EqualTo(NatLab.Node4), "a flow from before");
        Assert.That(callee.TakeFrom(Lab.Pod).Address, Is.EqualTo(NatLab.Node6));
    }

    private System.Text.Json.JsonElement Json(params string[] command)
    {
        var run = _agents.Run([.. command, "-o", "json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var document = System.Text.Json.JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
