using System.Net.Sockets;
using System.Text.Json;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>Ports that serve all peers of a source are told apart from those of flows.</summary>
internal sealed class NatMappingCommandTests
{
    private NatAgentLab _agents = null!;

    [SetUp]
    public void StartLab() => _agents = new("ebpf", ", \"portMapping\": \"endpointIndependent\", \"ports\": \"40000-40009\"");

    [TearDown]
    public void StopLab() => _agents.Dispose();

    [Test]
    public void A_port_for_all_peers_is_no_peer_and_no_flow([Values] bool isIPv4)
    {
        var (outside, node) = isIPv4 ? (NatLab.Outside4, NatLab.Node4) : (NatLab.Outside6, NatLab.Node6);
        using var agent = _agents.Start();
        using var first = new Callee(_agents.Lab.Router, outside, ProtocolType.Udp);
        using var second = new Callee(_agents.Lab.Router, outside, ProtocolType.Udp);
        Assert.That(first.TakeFrom(_agents.Lab.Pod, 3000), Is.EqualTo(second.TakeFrom(_agents.Lab.Pod, 3000)));

        var stats = Json("stats");
        Assert.That((stats.GetProperty("flows").GetInt32(), stats.GetProperty("mappings").GetInt32()), Is.EqualTo((2, 1)));
        Assert.That(
            stats.GetProperty("peers").EnumerateArray().Select(static peer => peer.GetProperty("peer").GetString()), Is.EquivalentTo(new[] { $"{first.Address}", $"{second.Address}" }));
        var all = stats.GetProperty("allPeers").EnumerateArray().Single();
        Assert.That(
            (all.GetProperty("translated").GetString(), all.GetProperty("protocol").GetString(), all.GetProperty("mappings").GetInt32(), all.GetProperty("use").GetDouble()),
            Is.EqualTo(($"{node}", "UDP", 1, 0.1)));
        Assert.That(stats.GetProperty("sources")[0].GetProperty("flows").GetInt32(), Is.EqualTo(2));
        var screen = _agents.Run("nat", "stats").Output;
        Assert.That(screen, Does.Contain("2 of 262144 for each family, and 1 ports for all peers, which count too").And.Contain("Ports that serve all peers of their source"));
        Assert.That(screen, Does.Not.Contain($"{new FlowEnd(node, 0)}"));
        Assert.That(Json("list").EnumerateArray().Count(static flow => flow.GetProperty("isMapping").GetBoolean()), Is.EqualTo(1));
        Assert.That(_agents.Run("nat", "list").Output, Does.Contain("(all peers)"));
    }

    [Test]
    public void A_port_of_an_earlier_range_is_none_of_those_in_use()
    {
        using var callee = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using (var agent = _agents.Start())
        {
            _ = callee.TakeFrom(_agents.Lab.Pod, 3000);
            Assert.That(Json("stats").GetProperty("allPeers").GetArrayLength(), Is.EqualTo(1));
            agent.Kill();
        }

        _agents.Configure("ebpf", ", \"portMapping\": \"endpointIndependent\", \"ports\": \"41000-41009\"");
        using var next = _agents.Start();
        var stats = Json("stats");
        Assert.That((stats.GetProperty("mappings").GetInt32(), stats.GetProperty("allPeers").GetArrayLength()), Is.EqualTo((1, 0)));
    }

    private JsonElement Json(string command)
    {
        var run = _agents.Run("nat", command, "-o", "json");
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
