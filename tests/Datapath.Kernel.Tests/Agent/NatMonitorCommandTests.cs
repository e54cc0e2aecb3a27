using System.Net.Sockets;
using System.Text.Json;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary><c>nat monitor</c>: drops and mappings, a line each.</summary>
internal sealed class NatMonitorCommandTests
{
    private NatAgentLab _agents = null!;

    [SetUp]
    public void StartLab() => _agents = new("ebpf");

    [TearDown]
    public void StopLab() => _agents.Dispose();

    private NatLab Lab => _agents.Lab;

    private string Pinned => $"{_agents.BpfRoot}-masquerade";

    private AgentProcess StartMonitor(params string[] options)
    {
        var monitor = AgentProcess.Start(["nat", "monitor", "--config", _agents.Config, .. options]);
        try
        {
            monitor.WaitFor("listening to the masquerading of ");
            return monitor;
        }
        catch
        {
            monitor.Dispose();
            throw;
        }
    }

    /// <summary>What is pinned goes on without an agent.</summary>
    private void StartAndStopAgent()
    {
        using var agent = _agents.Start();
        Assert.That(agent.Stop(), Is.Zero);
    }

    private void SendGre(bool isIPv4) =>
        RawPacket.Send(Lab.Pod, new(isIPv4 ? NatLab.Pod4 : NatLab.Pod6, 0), new(isIPv4 ? NatLab.Outside4 : NatLab.Outside6, 0), RawPacket.Gre);

    [Test]
    [LoadTest]
    public void One_that_was_stopped_says_from_when_to_when_it_heard_nothing()
    {
        StartAndStopAgent();
        using var monitor = StartMonitor();
        monitor.Signal(AgentProcess.SigStop);
        using (var state = NatStateMap.TryOpenPinned(Pinned)!)
        {
            Eventually.True(
                () =>
                {
                    SendGre(isIPv4: false);
                    return !state.IsHeard;
                },
                "it is listened for no more");
        }

        monitor.Signal(AgentProcess.SigContinue);
        Eventually.True(
            () =>
            {
                SendGre(isIPv4: true);
                return monitor.Errors.Contains("datapath-agent: nothing was heard from ", StringComparison.Ordinal);
            },
            "it tells, and hears again");
        Assert.That(monitor.Stop(), Is.Zero);
        Assert.That(monitor.Errors, Does.Match(@"nothing was heard from \S+Z to \S+Z: this process was stopped"));
    }

    [Test]
    public void A_line_tells_what_happened_beside_an_agent_that_listens_too()
    {
        using var agent = _agents.Start();
        using var monitor = StartMonitor();
        SendGre(isIPv4: true);
        Assert.That(
            monitor.ReadLine(),
            Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z refused GRE 10\.98\.0\.2:0 -> 198\.51\.100\.1:0 by eth0 \(protocol cannot be translated\)$"));
        using var callee = new Callee(Lab.Router, NatLab.Outside6, ProtocolType.Tcp);
        _ = callee.TakeFrom(Lab.Pod, 3000);
        Assert.That(monitor.ReadLine(), Does.EndWith($"Z made    TCP [fd98::2]:3000 as [fd99::1]:3000 -> {callee.Address} by eth0"));
        Assert.That(monitor.Stop(), Is.Zero);
        Assert.That(
            monitor.Errors,
            Is.EqualTo($"datapath-agent: listening to the masquerading of '{Pinned}'\ndatapath-agent: 2 events shown, 0 packets held back, 0 events lost"));
        Assert.That(agent.Stop(), Is.Zero);
    }

    [Test]
    public void The_end_of_a_mapping_tells_how_long_it_was_and_why_it_ended()
    {
        using var agent = _agents.Start();
        using var callee = new Callee(Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(Lab.Pod, 3000);
        using var monitor = StartMonitor("--only", "mappings");
        using (var node = Lab.Node.OpenRouteNetlink())
            node.DeleteAddress(node.GetLink("eth0").Index, NatLab.Node4, 24);
        Assert.That(monitor.ReadLine(), Does.Match($@"Z ended   UDP 10\.98\.0\.2:3000 as 192\.168\.98\.1:3000 -> {callee.Address} after \d+\.\d{{3}} s \(address gone\)$"));
        Assert.That(monitor.Stop(), Is.Zero);
    }

    [Test]
    public void As_JSON_each_line_is_an_object_and_a_count_ends_it()
    {
        StartAndStopAgent();
        using var monitor = StartMonitor("-o", "json", "--count", "2");
        SendGre(isIPv4: false);
        using var callee = new Callee(Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(Lab.Pod, 3000);
        var (refused, made) = (Read(monitor), Read(monitor));
        Assert.That(
            (Text(refused, "event"), Text(refused, "reason"), Text(refused, "protocol"), Text(refused, "source"), Text(refused, "device"), Text(refused, "isIncoming"), Text(refused, "heldBack")),
            Is.EqualTo(("refused", "protocol cannot be translated", "GRE", "[fd98::2]:0", "eth0", "False", "0")));
        Assert.That(refused.TryGetProperty("translated", out _), Is.False);
        Assert.That((Text(made, "event"), Text(made, "translated"), Text(made, "destination")), Is.EqualTo(("made", $"{NatLab.Node4}:3000", callee.Address.ToString())));
        Assert.That((monitor.ReadLine(), monitor.WaitForEnd()), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public void Filters_leave_out_what_is_not_asked_for()
    {
        StartAndStopAgent();
        foreach (var options in new string[][]
        {
            ["--only", "packets", "--family", "ipv4"],
            ["--protocol", "gre", "--source", "10.98.0.0/24"],
            ["--destination", $"{NatLab.Outside4}", "-p", "47"],
        })
        {
            using var monitor = StartMonitor([.. options, "-o", "json", "--count", "1"]);
            RawPacket.Send(Lab.Pod, new(NatLab.Pod4, (ushort)Random.Shared.Next(3000, 60000)), new(NatLab.Outside4, 53), RawPacket.Udp);
            SendGre(isIPv4: false);
            SendGre(isIPv4: true);
            var line = Read(monitor);
            Assert.That((Text(line, "protocol"), Text(line, "source")), Is.EqualTo(("GRE", "10.98.0.2:0")), string.Join(' ', options));
            Assert.That(monitor.WaitForEnd(), Is.Zero);
        }
    }

    [Test]
    public void A_second_one_is_refused_and_one_that_was_killed_is_in_nobodys_way()
    {
        StartAndStopAgent();
        using (var first = StartMonitor())
        {
            var second = _agents.Run("nat", "monitor");
            Assert.That(
                (second.ExitCode, second.Errors),
                Is.EqualTo((1, $"datapath-agent: process {first.Id} already watches the masquerading of '{Pinned}'; there is room for one at a time\n")));
            first.Kill();
        }

        using var next = StartMonitor("--count", "1");
        SendGre(isIPv4: true);
        Assert.That(next.ReadLine(), Does.Contain("refused GRE"));
        Assert.That(next.WaitForEnd(), Is.Zero);
    }

    [Test]
    public void Without_pins_or_with_the_other_engine_there_is_nothing_to_hear()
    {
        var none = _agents.Run("nat", "monitor");
        Assert.That(
            (none.ExitCode, none.Errors),
            Is.EqualTo((4, $"datapath-agent: nothing is pinned in '{Pinned}'; masquerading with lifetime process is heard only by its own process\n")));
        _agents.Configure("nftables");
        var other = _agents.Run("nat", "monitor");
        Assert.That((other.ExitCode, other.Errors), Is.EqualTo((
            4, "datapath-agent: masquerade:engine is nftables: there the kernel itself translates, and tells of neither drops nor mappings here; conntrack -E shows its flows\n")));
    }

    [TestCase("--rate", "0", "--rate: '0' must be a whole number, 1 to 2147483647")]
    [TestCase("--source", "10.0.0.1/8", "--source: '10.0.0.1/8' must be an address, or a range such as 10.0.0.0/8, without bits beyond the prefix")]
    [TestCase("--protocol", "tpc", "--protocol: 'tpc' must be tcp, udp, icmp, icmpv6, sctp, gre, esp, udplite or a number, 0 to 255")]
    [TestCase("--only", "drops", "Argument 'drops' not recognized")]
    public void A_bad_option_is_named(string option, string value, string error)
    {
        var run = _agents.Run("nat", "monitor", option, value);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain(error));
    }

    [TestCase("--protocol: 0 must be 1 to 255", "--protocol", "0")]
    [TestCase("--source: 'fd00::/8' must be of --family ipv4", "--family", "ipv4", "--source", "fd00::/8")]
    [TestCase("--destination: '10.0.0.0/8' must be of the family of --source 'fd00::/8'", "--source", "fd00::/8", "--destination", "10.0.0.0/8")]
    public void Options_that_contradict_each_other_are_named(string error, params string[] options)
    {
        StartAndStopAgent();
        var run = _agents.Run(["nat", "monitor", .. options]);
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((2, $"datapath-agent: {error}\n")));
    }

    private static JsonElement Read(AgentProcess monitor) => JsonSerializer.Deserialize<JsonElement>(monitor.ReadLine()!);

    private static string Text(JsonElement line, string name) => line.GetProperty(name).ToString();
}
