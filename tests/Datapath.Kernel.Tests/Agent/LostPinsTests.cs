using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>Commands where somebody deleted pins, or detached programs, while the folder is still there.</summary>
[TestFixture]
internal sealed class LostPinsTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private void DeletePins()
    {
        foreach (var pin in Directory.GetFiles(_lab.BpfRoot, "*", SearchOption.AllDirectories))
            File.Delete(pin);
    }

    [Test]
    public void Beside_a_running_agent_the_commands_say_that_the_pins_are_gone()
    {
        using var agent = _lab.StartAgent();
        DeletePins();
        var status = _lab.Json(1, "status");
        var words = $"pins in '{_lab.BpfRoot}' are gone (";
        var advice = $": the state will not survive the agent, process {agent.Id}; start it again\n";
        Assert.Multiple(() =>
        {
            Assert.That(status.GetProperty("agent").GetProperty("faults").EnumerateArray().Select(static fault => fault.GetString()), Has.Some.StartsWith(words));
            Assert.That(status.GetProperty("pinFault").GetString(), Does.StartWith(words));
            Assert.That(status.GetProperty("frontends").GetInt32(), Is.EqualTo(8), "the agent tells");
            Assert.That(status.GetProperty("counters").EnumerateObject().Count(), Is.Positive, "the agent tells");
            foreach (var command in new[] { "verify", "lb list", "monitor" })
            {
                var run = _lab.Run(command.Split(' '));
                Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")), command);
                Assert.That(run.Errors, Does.StartWith("datapath-agent: " + words).And.Contains("dp_sets").And.EndsWith(advice), command);
            }
        });
        Assert.That(_lab.Run("status").OutputLines, Has.Some.StartsWith("Pins: " + words));
        Assert.That(_lab.DialTcp(), Is.AnyOf("pod2", "pod3"), "the agent's own descriptors go on");
        Assert.That(
            Assert.Throws<DatapathInUseException>(() => PinnedDatapath.Uninstall(_lab.BpfRoot))!.Message,
            Does.StartWith($"process {agent.Id} already manages '{_lab.BpfRoot}'"),
            "the lock tells, where the signature is gone");
    }

    [Test]
    public void After_the_agent_they_say_what_to_do_until_it_is_uninstalled()
    {
        using (var agent = _lab.StartAgent())
        {
            DeletePins();
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        }

        var words = $"pins in '{_lab.BpfRoot}' are gone (";
        Assert.That(_lab.Json(1, "status").GetProperty("pinFault").GetString(), Does.StartWith(words).And.EndsWith($"or remove the rest: datapath-agent uninstall --bpf-root {_lab.BpfRoot}"));
        Assert.That(_lab.Run("status").OutputLines, Does.Contain("Managed by: nobody"));
        Assert.That(_lab.Run("lb", "list").ExitCode, Is.EqualTo(4));
        Assert.That(_lab.Run("monitor").Errors, Does.StartWith("datapath-agent: " + words));
        Assert.That(_lab.Run("uninstall").ExitCode, Is.Zero);
        Assert.That(_lab.Run("status").ExitCode, Is.EqualTo(4));
    }

    [Test]
    public void Programs_that_were_detached_are_no_success_of_the_status_without_an_agent()
    {
        using (var agent = _lab.StartAgent())
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        Assert.That(_lab.Run("status").ExitCode, Is.Zero);
        using (var link = BpfLink.OpenPinned(Path.Combine(PinFolder.LinksOf(_lab.BpfRoot), "dp_connect4")))
            link.Detach();
        var run = _lab.Run("status");
        Assert.That(run.OutputLines, Does.Contain("Programs: 10 pinned; not effective, since they were detached or their cgroup was removed: dp_connect4"));
        Assert.That(run.ExitCode, Is.EqualTo(1));
    }
}
