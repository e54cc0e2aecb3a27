using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent with lifetime process: when it ends, however it ends, nothing is left.</summary>
[TestFixture]
internal sealed class ProcessAgentTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new("process");
        _lab.Write("one.yaml", AgentLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private int Programs() => CgroupPrograms.Count(Cgroup.Open(_lab.Lab.CgroupPath));

    [TestCase(true)]
    [TestCase(false)]
    public void When_it_ends_nothing_is_left(bool isKilled)
    {
        using var agent = _lab.StartAgent();
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        Assert.That(Programs(), Is.EqualTo(10));
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
        if (isKilled)
            agent.Kill();
        else
            Assert.That(agent.Stop(), Is.Zero);
        Eventually.True(() => Programs() == 0, "the kernel drops the links of a process that has ended");
        Assert.That(_lab.DialTcp(), Is.Not.EqualTo("pod2"));
        Assert.That(_lab.Run("status").ExitCode, Is.EqualTo(4));
    }

    [Test]
    public void A_second_one_in_its_cgroup_is_refused_whatever_its_folder_until_the_first_is_killed()
    {
        using var agent = _lab.StartAgent();
        var other = Path.Combine(Path.GetDirectoryName(_lab.Config)!, "other.json");
        File.WriteAllText(other, File.ReadAllText(_lab.Config).Replace(_lab.BpfRoot, _lab.BpfRoot + "-other", StringComparison.Ordinal));
        var second = AgentProcess.Run("run", "--manifests", _lab.Manifests, "--config", other);
        Assert.That((second.ExitCode, second.Errors), Is.EqualTo(
            (1, $"datapath-agent: process {agent.Id} already serves cgroup '{_lab.Lab.CgroupPath}' for as long as it runs; stop it, or give this one a cgroupRoot of its own\n")));
        Assert.That(Programs(), Is.EqualTo(10));
        agent.Kill();
        using var next = AgentProcess.Start("run", "--manifests", _lab.Manifests, "--config", other);
        next.WaitFor("Synced ");
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        Assert.That(next.Stop(), Is.Zero);
    }

    [Test]
    public void It_can_be_asked_and_is_not_disturbed_by_a_second_one()
    {
        using var agent = _lab.StartAgent();
        var second = _lab.Run("run", "--manifests", _lab.Manifests);
        Assert.That((second.ExitCode, second.Errors), Is.EqualTo((1, $"datapath-agent: process {agent.Id} already manages '{_lab.BpfRoot}'; stop it first\n")));
        Assert.That(_lab.Run("uninstall").ExitCode, Is.EqualTo(1));
        Assert.That(Programs(), Is.EqualTo(10));
        var status = _lab.Json(0, "status");
        Assert.That((status.GetProperty("agent").GetProperty("pid").GetInt32(), status.GetProperty("frontends").GetInt32()), Is.EqualTo((agent.Id, 4)));
        Assert.That(_lab.Json(0, "service", "list").GetArrayLength(), Is.EqualTo(1));
        Assert.That(_lab.Run("lb", "list").ExitCode, Is.Zero);
    }
}
