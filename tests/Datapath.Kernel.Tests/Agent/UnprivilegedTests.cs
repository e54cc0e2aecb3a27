using System.Runtime.Versioning;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What a user gets who is not root: what is missing, in a line.</summary>
[TestFixture]
[SupportedOSPlatform("linux")]
internal sealed class UnprivilegedTests
{
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
        var refusal = new AgentRun(1, "", $"datapath-agent: may not look into '{_lab.BpfRoot}'; run this as root\n");
        foreach (var command in new string[][] { ["run", "--manifests", _lab.Manifests], ["lb", "list"], ["status"], ["uninstall"] })
            Assert.That(Run(command), Is.EqualTo(refusal), string.Join(' ', command));
        var services = Run("service", "list");
        Assert.That((services.ExitCode, services.ErrorLines.Length), Is.EqualTo((1, 1)));
        Assert.That(services.Errors, Does.StartWith("datapath-agent: cannot ask the agent at '/run/datapath/").And.EndsWith("; run this as root\n"));
        Assert.That(_lab.DialTcp(), Is.EqualTo("pod2"));
    }

    [Test]
    public void An_agent_with_lifetime_process_says_what_it_lacks()
    {
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace("pinned", "process", StringComparison.Ordinal));
        var run = Run("run", "--manifests", _lab.Manifests);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((1, 1)), run.Errors);
        Assert.That(run.Errors, Does.StartWith("datapath-agent: ").And.Contains("EPERM").And.Contains("root"));
    }

    [Test]
    public void A_plan_needs_nobody_special()
    {
        var run = Run("plan", "--manifests", _lab.Manifests);
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("10.96.0.1:80/TCP").And.Contains("1 => 10.244.0.2:8080/TCP (active)"));
    }
}
