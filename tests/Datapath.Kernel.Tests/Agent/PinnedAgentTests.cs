using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent that is stopped, killed and started again. Its services go on.</summary>
[TestFixture]
internal sealed class PinnedAgentTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Write("one.yaml", AgentLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static void WaitForDials(Dialers dialers, int more)
    {
        var goal = dialers.Count + more;
        Eventually.True(() => dialers.Count >= goal, $"{more} more dials");
    }

    [Test]
    public void Services_are_served_and_edits_are_in_force()
    {
        using var agent = _lab.StartAgent();
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        Assert.That(_lab.Dial(static () => Dial.Udp(ServiceLab.ServiceV6())), Is.EqualTo("pod2"));
        _lab.Write("one.yaml", AgentLab.Service(1, 3));
        Eventually.True(() => _lab.DialTcp() == "pod3", "the new backend answers");
        _lab.Write("two.yaml", AgentLab.Service(2, 4));
        Eventually.True(() => _lab.DialTcp(service: 2) == "pod4", "the new service answers");
        _lab.Write("two.yaml", AgentLab.Service(2));
        Eventually.True(() => _lab.DialTcp(service: 2) == nameof(Errno.ECONNREFUSED), "without backends it refuses");
        _lab.Write("one.yaml", "spec: {ports: [\n");
        agent.WaitFor("one.yaml:");
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod3"), "a mistake keeps the last good state");
        _lab.Remove("one.yaml");
        Eventually.True(() => _lab.Ids().Keys.All(static f => !f.Contains("10.96.0.1:", StringComparison.Ordinal)), "a removed service is gone");
        Assert.That(agent.Stop(), Is.Zero);
    }

    [Test]
    public void A_killed_agent_leaves_services_that_work_and_the_next_one_adopts_them_without_one_failed_dial()
    {
        _lab.Write("two.yaml", AgentLab.Service(2, 4));
        Dictionary<string, uint> ids;
        Dialers dialers;
        using (var agent = _lab.StartAgent())
        {
            ids = _lab.Ids();
            dialers = _lab.DialOn();
            WaitForDials(dialers, 200);
            agent.Kill();
        }

        using (dialers)
        {
            WaitForDials(dialers, 200);
            Assert.That(_lab.Ids(), Is.EqualTo(ids));
            _lab.Write("one.yaml", AgentLab.Service(1, 2, 3));
            _lab.Remove("two.yaml");
            using var next = _lab.StartAgent();
            WaitForDials(dialers, 200);
            Assert.That(next.Errors, Does.Contain("8 frontends adopted"));
            Assert.That(_lab.Ids(), Is.EqualTo(ids.Where(static f => f.Key.Contains("96.0.1:", StringComparison.Ordinal) || f.Key.Contains("96::1]", StringComparison.Ordinal))));
            Assert.That(_lab.DialTcp(service: 2), Is.Not.EqualTo("pod4"), "what was removed meanwhile is gone");
            Assert.That(next.Stop(), Is.Zero);
            WaitForDials(dialers, 200);
            Assert.That(dialers.Stop().Keys, Is.EquivalentTo(new[] { "pod2", "pod3" }), "who answered, and nothing failed");
        }
    }

    [Test]
    public void A_stopped_agent_leaves_services_that_work_until_they_are_uninstalled()
    {
        using (var agent = _lab.StartAgent())
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        var first = _lab.Run("uninstall");
        Assert.That((first.ExitCode, first.Output), Is.EqualTo((0, $"removed '{_lab.BpfRoot}'\n")), first.Errors);
        Assert.That(_lab.DialTcp(), Is.Not.EqualTo("pod2"));
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
        var second = _lab.Run("uninstall");
        Assert.That((second.ExitCode, second.Output), Is.EqualTo((0, $"no datapath in '{_lab.BpfRoot}', nothing to remove there\n")), second.Errors);
    }

    [Test]
    public void A_second_agent_is_refused_and_the_first_goes_on()
    {
        using var agent = _lab.StartAgent();
        var second = _lab.Run("run", "--manifests", _lab.Manifests);
        Assert.That(
            (second.ExitCode, second.Errors),
            Is.EqualTo((1, $"datapath-agent: process {agent.Id} already manages '{_lab.BpfRoot}'; stop it first\n")));
        Assert.That(_lab.Json(0, "status").GetProperty("agent").GetProperty("pid").GetInt32(), Is.EqualTo(agent.Id), "it still has its socket");
        _lab.Write("one.yaml", AgentLab.Service(1, 4));
        Eventually.True(() => _lab.DialTcp() == "pod4", "it still follows");
        Assert.That(agent.Stop(), Is.Zero);
    }

    [Test]
    public void Uninstall_beside_a_running_agent_is_refused()
    {
        using var agent = _lab.StartAgent();
        var refused = _lab.Run("uninstall");
        Assert.That(
            (refused.ExitCode, refused.Errors),
            Is.EqualTo((1, $"datapath-agent: process {agent.Id} already manages '{_lab.BpfRoot}'; stop it first\n")));
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
    }

    [Test]
    public void An_agent_that_hangs_is_named_rather_than_waited_for()
    {
        using var agent = _lab.StartAgent();
        agent.Signal(AgentProcess.SigStop);
        var status = _lab.Run("status");
        Assert.That((status.ExitCode, status.Errors), Is.EqualTo((1, $"datapath-agent: the agent, process {agent.Id}, does not answer\n")));
        Assert.That(_lab.Run("uninstall").Errors, Does.Contain($"process {agent.Id} already manages"));
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        agent.Kill();
        Assert.That(_lab.Sockets(), Has.Length.EqualTo(1));
        Assert.That(_lab.Run("uninstall").ExitCode, Is.Zero, "a socket that was left behind is no agent");
        Assert.That(_lab.Sockets(), Is.Empty);
    }

    [Test]
    public void A_missing_folder_of_manifests_touches_nothing()
    {
        var run = _lab.Run("run", "--manifests", "/nowhere");
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((2, "datapath-agent: the folder of manifests '/nowhere' does not exist\n")));
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
    }
}
