using System.Text.Json;

namespace Datapath.Kernel.Tests.Agent;

/// <summary><c>nat explain</c>, which needs no kernel.</summary>
[TestFixture]
internal sealed class NatExplainCommandTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("datapath-explain-tests-");
        File.WriteAllText(At("config"), $$"""{ "node": { "name": "node-a" }, "ipMasqAgent": { "enabled": true, "path": "{{At("list")}}" } }""");
        File.WriteAllText(At("list"), "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = Directory.CreateDirectory(At("manifests"));
        File.WriteAllText(At("manifests/pods.yaml"), """
            apiVersion: v1
            kind: Pod
            metadata: { name: web, namespace: shop }
            spec: { nodeName: node-a }
            status: { phase: Running, podIP: 10.244.1.7, podIPs: [{ ip: 10.244.1.7 }] }
            """);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase("10.99.0.1", "Keep", "NonMasquerade")]
    [TestCase("198.51.100.1", "Translate", "Source")]
    public void Rules_come_from_manifests_configuration_and_the_file_of_the_agent(string to, string action, string rule)
    {
        var run = Explain("-f", "10.244.1.7", "-t", to, "-i", "veth0", "-m", At("manifests"), "-o", "json");
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        var report = JsonDocument.Parse(run.Output).RootElement;
        Assert.That((report.GetProperty("action").GetString(), report.GetProperty("rule").GetString()), Is.EqualTo((action, rule)));
        Assert.That(report.GetProperty("steps").EnumerateArray().Select(static s => s.GetProperty("reason").GetString()), Has.Some.Contains("pod"));
    }

    [Test]
    public void For_people_each_rule_is_a_line_and_topics_stand_in_a_column()
    {
        var run = Explain("-f", "10.244.1.7", "-t", "10.99.0.1", "-i", "veth0", "-m", At("manifests"));
        Assert.That(run.OutputLines[0], Is.EqualTo("10.244.1.7 to 10.99.0.1 in by veth0"));
        var columns = run.Output.Split('\n').Skip(1).Where(static l => l.Length > 0).Select(static l => l.AsSpan(2).IndexOfAny("+-")).Distinct();
        Assert.That(columns.Count(), Is.EqualTo(1), run.Output);
        Assert.That(run.Output, Does.Contain("keeps its source address"));
    }

    [Test]
    public void Mistakes_are_told()
    {
        Assert.That(Explain("-f", "10.244.1.7", "-t", "fd00::1").Errors, Does.Contain("--to: 'fd00::1' must be of the family of --from '10.244.1.7'"));
        Assert.That(Explain("-f", "pod", "-t", "10.0.0.1").Errors, Does.Contain("--from: 'pod' must be an IP address"));
        File.WriteAllText(At("list"), "nonMasqueradeCIDRs: 7");
        var run = Explain("-f", "10.244.1.7", "-t", "198.51.100.1");
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(run.Errors, Does.Contain("nonMasqueradeCIDRs"));
    }

    [TestCase("list")]
    [TestCase("stats")]
    public void Without_an_agent_nobody_can_tell_of_flows(string command)
    {
        File.WriteAllText(At("config"), $$"""{ "bpfRoot": "/sys/fs/bpf/datapath-test-none-{{Environment.ProcessId}}" }""");
        var run = AgentProcess.Run("nat", command, "--config", At("config"));
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((4, $"datapath-agent: no agent runs for '/sys/fs/bpf/datapath-test-none-{Environment.ProcessId}'\n")));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private AgentRun Explain(params string[] arguments) => AgentProcess.Run(["nat", "explain", "--config", At("config"), .. arguments]);
}
