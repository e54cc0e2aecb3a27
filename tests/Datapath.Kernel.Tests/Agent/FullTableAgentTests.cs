using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>An agent whose tables are full: the service that does not fit says so, the others work, and it comes in when there is room.</summary>
[TestFixture]
internal sealed class FullTableAgentTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = AgentLab.WithTwoServices();
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace("\"maxFrontends\": 1024", "\"maxFrontends\": 4", StringComparison.Ordinal));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_service_that_does_not_fit_is_told_and_comes_in_with_the_change_that_makes_room()
    {
        using var agent = _lab.StartAgent();
        _lab.Write("three.yaml", AgentLab.Service(3, 4));
        agent.WaitFor("Not applied: service default/service-3");
        const string Reason = "map 'dp_frontends4' is full (4 frontends): raise maxFrontends";
        var status = _lab.Run("status");
        Assert.That(status.ExitCode, Is.EqualTo(1));
        Assert.That(status.OutputLines, Does.Contain("Services: 2 Active, 1 NoBackends; 1 of them NOT APPLIED, wholly or in part"));
        Assert.That(_lab.Run("verify").OutputLines, Does.Contain($"Missing 10.96.0.3:80/TCP NOT APPLIED: {Reason}"));
        Assert.That(status.OutputLines, Has.Some.EndsWith($"service default/service-3, 10.96.0.3:80/TCP: {Reason}"));
        Assert.That(_lab.Run("service", "list").OutputLines, Has.Some.EndsWith($"default/service-3 10.96.0.3:80/TCP ClusterIP NOT APPLIED: {Reason}"));
        Assert.That(_lab.DialTcp(), Is.AnyOf("pod2", "pod3"));
        _lab.Remove("two.yaml");
        Eventually.True(() => !_lab.Run("service", "list").Output.Contains("NOT APPLIED", StringComparison.Ordinal), "there is room");
        Assert.That(_lab.DialTcp(3), Is.EqualTo("pod4"));
        agent.Kill();
    }
}
