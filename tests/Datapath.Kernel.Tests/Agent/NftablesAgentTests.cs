using System.Net.Sockets;
using System.Text.Json;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent with the nftables engine that is upgraded, and whose table others take away.</summary>
internal sealed class NftablesAgentTests
{
    private const string Table = NftablesMasqueradeOptions.DefaultTable;

    private NatAgentLab _agents = null!;
    private NftNetlink _others = null!;

    [SetUp]
    public void StartLab()
    {
        _agents = new("nftables");
        _others = _agents.Lab.Node.Run(static () => new NftNetlink());
    }

    [TearDown]
    public void StopLab()
    {
        _others.Dispose();
        _agents.Dispose();
    }

    [Test]
    public void Connections_go_on_while_an_agent_is_stopped_for_the_next_and_no_pod_shows_its_address([Values] bool isIPv4)
    {
        var (outside, node) = isIPv4 ? (NatLab.Outside4, NatLab.Node4) : (NatLab.Outside6, NatLab.Node6);
        _agents.Lab.RouteBack();
        Talk talk;
        using (var agent = _agents.Start())
        {
            talk = new(_agents.Lab.Pod, _agents.Lab.Router, outside, ProtocolType.Tcp);
            talk.Exchange();
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        }

        using (talk)
        {
            talk.Exchange(isServerFirst: true);
            using var callee = new Callee(_agents.Lab.Router, outside, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_agents.Lab.Pod).Address, Is.EqualTo(node), "without an agent");
            using var next = _agents.Start();
            talk.Exchange();
            Assert.That((talk.Client.Address, callee.TakeFrom(_agents.Lab.Pod).Address), Is.EqualTo((node, node)));
        }
    }

    [Test]
    public void With_the_lifetime_of_the_process_nothing_is_left()
    {
        _agents.Configure("nftables", lifetime: "process");
        using (var agent = _agents.Start())
        {
            Assert.That(_others.ListTables(), Is.EquivalentTo([Table, $"{Table}_lock"]));
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        }

        Assert.That(_others.ListTables(), Is.Empty);
    }

    [Test]
    public void A_table_that_others_delete_is_put_back_and_log_and_status_tell()
    {
        _agents.Lab.RouteBack();
        using var callee = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var agent = _agents.Start();
        Assert.That(callee.TakeFrom(_agents.Lab.Pod).Address, Is.EqualTo(NatLab.Node4));
        Assert.That(_agents.Run("status").ExitCode, Is.Zero);
        var batch = new NftBatch(Table);
        batch.DeleteTable();
        _others.Commit(batch);
        agent.WaitFor($"Masquerading: table '{Table}' was deleted by ");
        Assert.That(callee.TakeFrom(_agents.Lab.Pod).Address, Is.EqualTo(NatLab.Node4));
        var status = _agents.Run("status");
        Assert.That((status.ExitCode, status.Output), Is.EqualTo((1, status.Output)));
        Assert.That(status.Output, Does.Contain($"table '{Table}' was deleted by ").And.Contain(" and is put back; what left meanwhile may have kept its own address"));
        var stats = JsonDocument.Parse(_agents.Run("nat", "stats", "-o", "json").Output).RootElement;
        Assert.That(stats.GetProperty("warnings")[0].GetString(), Does.Contain($"table '{Table}' was deleted by "));
    }
}
