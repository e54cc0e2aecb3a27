using System.Runtime.Versioning;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What a user gets who is not root: what is missing, in a line.</summary>
[TestFixture]
[SupportedOSPlatform("linux")]
internal sealed class UnprivilegedTests
{
    private const string All = "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN and CAP_SYS_PTRACE";
    private const string Hint = $"; run this as root, or with {All}, and CAP_DAC_OVERRIDE for the files of root\n";

    private AgentLab _lab = null!;
    private string _copy = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Write("one.yaml", AgentLab.Service(1, 2));
        _copy = Directory.CreateTempSubdirectory("datapath-agent-copy-").FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(static f => Path.GetExtension(f) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(_copy, Path.GetFileName(file)));
        foreach (var path in (string[])[_copy, Path.GetDirectoryName(_lab.Config)!, _lab.Manifests, .. Directory.GetFiles(_copy)])
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    [TearDown]
    public void StopLab()
    {
        _lab.Dispose();
        Directory.Delete(_copy, recursive: true);
    }

    private AgentRun Run(params string[] command) => AgentProcess.RunAsNobody(_copy, [.. command, "--config", _lab.Config]);

    [Test]
    public void What_needs_root_says_so_and_ends_with_1()
    {
        using var agent = _lab.StartAgent();
        var refusal = new AgentRun(1, "", $"datapath-agent: may not look into '{_lab.BpfRoot}'{Hint}");
        foreach (var command in new string[][] { ["run", "--manifests", _lab.Manifests], ["lb", "list"], ["status"], ["uninstall"] })
            Assert.That(Run(command), Is.EqualTo(refusal), string.Join(' ', command));
        var services = Run("service", "list");
        Assert.That((services.ExitCode, services.ErrorLines.Length), Is.EqualTo((1, 1)));
        Assert.That(services.Errors, Does.StartWith("datapath-agent: cannot ask the agent at '/run/datapath/").And.EndsWith(Hint));
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
    }

    [Test]
    public void An_agent_with_lifetime_process_says_what_it_lacks()
    {
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace("pinned", "process", StringComparison.Ordinal));
        var run = Run("run", "--manifests", _lab.Manifests);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((1, 1)), run.Errors);
        Assert.That(run.Errors, Does.StartWith("datapath-agent: ").And.Contains("EPERM").And.EndsWith(Hint));
    }

    [TestCase("-sys_admin", "CAP_SYS_ADMIN")]
    [TestCase("-bpf,-sys_admin", "CAP_SYS_ADMIN")]
    public void Root_without_a_capability_is_told_which_and_all_that_it_takes(string dropped, string missing)
    {
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace("pinned", "process", StringComparison.Ordinal));
        var run = AgentProcess.RunWithout(dropped, "run", "--manifests", _lab.Manifests, "--config", _lab.Config);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((1, 1)), run.Errors);
        Assert.That(run.Errors, Does.Contain($"{missing} is missing").And.EndsWith($"; in all it takes {All}\n"));
    }

    [TestCase("process")]
    [TestCase("pinned")]
    public void Another_user_with_all_that_is_named_may_run_it(string lifetime)
    {
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace("pinned", lifetime, StringComparison.Ordinal));
        using var agent = AgentProcess.StartAsNobodyWith("+bpf,+perfmon,+net_admin,+sys_admin,+sys_ptrace,+dac_override", _copy, "run", "--config", _lab.Config, "--manifests", _lab.Manifests);
        agent.WaitFor("Synced ");
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
        Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        Assert.That(agent.Errors, Does.Not.Contain("warn:"));
    }

    [Test]
    public void A_plan_needs_nobody_special()
    {
        var run = Run("plan", "--manifests", _lab.Manifests);
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("10.96.0.1:80/TCP").And.Contains("1 => 10.244.0.2:8080/TCP (active)"));
    }
}
