using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
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
}
