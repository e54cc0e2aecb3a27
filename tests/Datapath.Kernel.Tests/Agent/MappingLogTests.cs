using System.Net.Sockets;
using System.Text.Json;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent writes the log of mappings, and warns of drops.</summary>
internal sealed class MappingLogTests
{
    private NatAgentLab _agents = null!;

    private string LogPath => _agents.At("nat.log");

    [TearDown]
    public void StopLab() => _agents.Dispose();

    [Test]
    public void The_log_has_each_mapping_and_says_where_it_begins_and_ends()
    {
        _agents = new("ebpf");
        _agents.Configure("ebpf", $", \"mappingLog\": \"{LogPath}\"");
        using var callee4 = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var callee6 = new Callee(_agents.Lab.Router, NatLab.Outside6, ProtocolType.Tcp);
        using (var agent = _agents.Start())
        {
            WaitForLines(1);
            _ = callee4.TakeFrom(_agents.Lab.Pod, 3000);
            _ = callee6.TakeFrom(_agents.Lab.Pod, 3001);
            WaitForLines(3);
            agent.Kill();
        }

        using (var next = _agents.Start())
        {
            WaitForLines(6);
            Assert.That(next.Stop(), Is.Zero);
        }

        var lines = Read();
        Assert.That(lines.Select(static line => Text(line, "event")), Is.EqualTo(new[] { "opened", "made", "made", "opened", "found", "found", "closed" }));
        Assert.That(lines[1..3].Select(Ends), Is.EqualTo(new[]
        {
            $"UDP {NatLab.Pod4}:3000 as {NatLab.Node4}:3000 to {NatLab.Outside4}:{callee4.Address.Port}",
            $"TCP {NatLab.Pod6}:3001 as {NatLab.Node6}:3001 to {NatLab.Outside6}:{callee6.Address.Port}",
        }));
        Assert.That(lines[4..6].Select(Ends), Is.EquivalentTo(lines[1..3].Select(Ends)), "what an agent that was killed left is found by the next");
    }

    [Test]
    public void A_drop_is_warned_of_without_a_log()
    {
        _agents = new("ebpf");
        using var agent = _agents.Start();
        Eventually.True(
            () =>
            {
                RawPacket.Send(_agents.Lab.Pod, new(NatLab.Pod4, 0), new(NatLab.Outside4, 0), RawPacket.Gre); // the agent may not listen yet
                return agent.Errors.Contains("the protocol cannot be translated (masquerade:untranslatable); the last was GRE from 10.98.0.2:0 to 198.51.100.1:0 by eth0", StringComparison.Ordinal);
            },
            "it warns");
    }

    [Test]
    [LoadTest]
    public void While_somebody_else_keeps_the_log_the_agent_says_so_and_tries_again()
    {
        _agents = new("ebpf");
        using (var first = _agents.Start())
            Assert.That(first.Stop(), Is.Zero);
        _agents.Configure("ebpf", $", \"mappingLog\": \"{LogPath}\"");
        AgentProcess agent;
        using (MasqueradeMonitor.Open($"{_agents.BpfRoot}-masquerade", new() { KeepsLog = true }))
        {
            agent = _agents.Start();
            agent.WaitFor($"process {Environment.ProcessId} already keeps a log of the masquerading of ");
        }

        using (agent)
        {
            WaitForLines(1);
            Assert.That(agent.Stop(), Is.Zero);
        }

        Assert.That(Read().Select(static line => Text(line, "event")), Is.EqualTo(new[] { "opened", "closed" }));
    }

    [Test]
    [LoadTest]
    public void A_log_whose_agent_was_stopped_says_from_when_to_when_it_heard_nothing()
    {
        _agents = new("ebpf");
        _agents.Configure("ebpf", $", \"mappingLog\": \"{LogPath}\"");
        using var callee = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var agent = _agents.Start();
        WaitForLines(1);
        var stopped = TimeProvider.System.GetUtcNow();
        agent.Signal(AgentProcess.SigStop);
        var port = 3000;
        using (var state = NatStateMap.TryOpenPinned($"{_agents.BpfRoot}-masquerade")!)
        {
            Eventually.True(
                () =>
                {
                    _ = callee.TakeFrom(_agents.Lab.Pod, ++port);
                    return !state.IsHeard;
                },
                "the agent is listened for no more");
        }

        _ = callee.TakeFrom(_agents.Lab.Pod, ++port); // told to nobody
        agent.Signal(AgentProcess.SigContinue);
        Eventually.True(() => Read().Any(line => Text(line, "event") == "found" && Text(line, "sourcePort") == $"{port}"), "the gap is noticed, and who is there is found");
        var lines = Read();
        var gap = lines.Single(static line => Text(line, "event") == "gap");
        var (from, to) = (gap.GetProperty("from").GetDateTimeOffset(), gap.GetProperty("to").GetDateTimeOffset());
        Assert.That(from, Is.GreaterThan(stopped).And.LessThan(to));
        Assert.That(lines.Where(static line => Text(line, "event") == "made").All(line => line.GetProperty("time").GetDateTimeOffset() <= from), Is.True, "what was told is before the gap");
        Assert.That(lines.Where(line => Text(line, "event") == "made" && Text(line, "sourcePort") == $"{port}"), Is.Empty);
        agent.WaitFor("The log of mappings misses all events from ");
        _ = callee.TakeFrom(_agents.Lab.Pod, ++port);
        Eventually.True(() => Read().Any(line => Text(line, "event") == "made" && Text(line, "sourcePort") == $"{port}"), "it is listened for again");
        Assert.That(agent.Stop(), Is.Zero);
        Assert.That(Text(Read()[^1], "event"), Is.EqualTo("closed"));
    }

    [Test]
    public void A_log_that_nobody_reads_is_told_by_status_and_does_not_keep_the_agent_from_ending()
    {
        _agents = new("ebpf");
        Assert.That(RawFifo.Make(LogPath), Is.Zero);
        _agents.Configure("ebpf", $", \"mappingLog\": \"{LogPath}\"");
        using var agent = _agents.Start();
        var failure = $"log of mappings: '{LogPath}' cannot be written: open '{LogPath}': ENXIO (it is a pipe that nobody reads, or a socket); ";
        AgentRun? status = null;
        Eventually.True(() => (status = _agents.Run("status")).Output.Contains(failure, StringComparison.Ordinal), "status tells");
        Assert.That(status!.ExitCode, Is.EqualTo(1));
        Assert.That(_agents.Run("nat", "stats").Output, Does.Contain(failure));
        using (new FileStream(LogPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) // a reader, which reads nothing
        {
            Eventually.True(() => (status = _agents.Run("status")).ExitCode == 0, "it is written");
            Assert.That(agent.Stop(), Is.Zero);
        }
    }

    [Test]
    public void Standard_output_that_nobody_reads_does_not_keep_the_agent_from_ending()
    {
        const int Enough = 500; // lines of 200 bytes, for a pipe of 64 KiB
        _agents = new("ebpf");
        _agents.Configure("ebpf", ", \"mappingLog\": \"-\"");
        using var callee = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var agent = _agents.Start(); // whose output is a pipe
        Assert.That(agent.ReadLine(), Does.Contain("\"event\":\"opened\""));
        for (var i = 0; i < Enough; i++)
            _ = callee.TakeFrom(_agents.Lab.Pod, 3000 + i);
        Eventually.True(
            () => _agents.Run("status").Output.Contains("log of mappings: '-' cannot be written: who reads it does not, and it is full", StringComparison.Ordinal), "status tells");
        Assert.That(agent.Stop(), Is.Zero);
    }

    [Test]
    public void With_the_nftables_engine_the_log_is_refused_at_the_start()
    {
        _agents = new("nftables");
        _agents.Configure("nftables", $", \"mappingLog\": \"{LogPath}\"");
        var run = _agents.Run("run", "--manifests", _agents.At("manifests"));
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain("masquerade:mappingLog: must be empty: the nftables engine leaves mappings to the kernel").And.Contain("set masquerade:engine to ebpf"));
        _agents.Configure("nftables");
    }

    private void WaitForLines(int count) => Eventually.True(() => File.Exists(LogPath) && File.ReadAllLines(LogPath).Length >= count, $"the log has {count} lines");

    private JsonElement[] Read() => [.. File.ReadAllLines(LogPath).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];

    private static string Text(JsonElement line, string name) => line.GetProperty(name).ToString();

    private static string Ends(JsonElement line) =>
        $"{Text(line, "protocol")} {Text(line, "source")}:{Text(line, "sourcePort")} as {Text(line, "translated")}:{Text(line, "translatedPort")} to {Text(line, "destination")}:{Text(line, "destinationPort")}";
}
