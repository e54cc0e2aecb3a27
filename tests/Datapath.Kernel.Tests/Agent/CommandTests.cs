using System.Text.Json;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>The commands that look: what they print and how they end.</summary>
[TestFixture]
internal sealed class CommandTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Without_an_agent_and_pins_there_is_nothing_to_list()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                _lab.Run("service", "list"),
                Is.EqualTo(new AgentRun(4, "", $"datapath-agent: no agent runs for '{_lab.BpfRoot}'; `lb list` shows what the kernel holds\n")));
            Assert.That(_lab.Run("lb", "list"), Is.EqualTo(new AgentRun(4, "", $"datapath-agent: nothing is pinned in '{_lab.BpfRoot}', and no agent runs for it\n")));
            Assert.That(_lab.Run("status").OutputLines, Is.EqualTo(new[] { "Agent: not running", $"Pins: none in {_lab.BpfRoot}", "Frontends: 0", "Ranges: 0" }));
            Assert.That(_lab.Json(4, "status").GetProperty("agent").ValueKind, Is.EqualTo(JsonValueKind.Null));
        });
    }

    [Test]
    public void The_agent_takes_the_folder_for_pins_as_other_commands_do()
    {
        File.WriteAllText(_lab.Config, File.ReadAllText(_lab.Config).Replace(_lab.BpfRoot, "/sys/fs/bpf/elsewhere", StringComparison.Ordinal));
        using var agent = AgentProcess.Start("run", "--config", _lab.Config, "--manifests", _lab.Manifests, "--bpf-root", _lab.BpfRoot);
        agent.WaitFor("Synced ");
        Assert.That(_lab.Run("status", "--bpf-root", _lab.BpfRoot).OutputLines, Does.Contain($"Pins: {_lab.BpfRoot}"));
        Assert.That(Directory.Exists("/sys/fs/bpf/elsewhere"), Is.False);
    }

    [Test]
    public void The_keys_of_the_configuration_are_in_the_help_of_run_alone()
    {
        Assert.That(AgentProcess.Run("run", "--help").Output, Does.Contain("Keys of the configuration: "));
        var help = AgentProcess.Run("service", "list", "--help").Output;
        Assert.That(help, Does.Contain("`run --help` lists the keys").And.Not.Contains("cgroupRoot"));
    }

    [Test]
    public void Uninstalling_what_is_not_there_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("datapath-none-").FullName;
        Assert.That(AgentProcess.Run("uninstall", "--bpf-root", folder), Is.EqualTo(new AgentRun(0, $"no datapath in '{folder}', nothing to remove there\n", "")));
        Directory.Delete(folder);
    }

    [Test]
    public void Lists_show_what_is_in_force()
    {
        using var agent = _lab.StartAgent();
        var ids = _lab.Ids();
        Assert.That(
            ids.Keys,
            Is.EquivalentTo(new[]
            {
                "10.96.0.1:80/TCP", "10.96.0.1:80/UDP", "[fd10:96::1]:80/TCP", "[fd10:96::1]:80/UDP",
                "10.96.0.2:80/TCP", "10.96.0.2:80/UDP", "[fd10:96::2]:80/TCP", "[fd10:96::2]:80/UDP",
            }));

        var services = _lab.Json(0, "service", "list");
        var frontend = services[0].GetProperty("frontends")[0];
        Assert.Multiple(() =>
        {
            Assert.That(
                services.EnumerateArray().Select(static s => (s.GetProperty("service").GetString(), s.GetProperty("condition").GetString())),
                Is.EqualTo(new[] { ("default/service-1", "Active"), ("default/service-2", "NoBackends") }));
            Assert.That(frontend.GetProperty("id").GetUInt32(), Is.EqualTo(ids[frontend.GetProperty("frontend").GetString()!]));
            Assert.That(frontend.GetProperty("type").GetString(), Is.EqualTo("ClusterIP"));
            Assert.That(
                frontend.GetProperty("backends").EnumerateArray().Select(
                    static b => (b.GetProperty("address").GetString(), b.GetProperty("state").GetString(), b.GetProperty("inUse").GetBoolean())),
                Is.EqualTo(new[] { ("10.244.0.2:8080/TCP", "Active", true), ("10.244.0.3:8080/TCP", "Active", true) }));
        });

        var table = _lab.Run("service", "list").OutputLines;
        Assert.That(table[0], Is.EqualTo("ID SERVICE FRONTEND TYPE BACKENDS"));
        Assert.That(table, Does.Contain($"{ids["10.96.0.1:80/TCP"]} default/service-1 10.96.0.1:80/TCP ClusterIP 1 => 10.244.0.2:8080/TCP (active)"));
        Assert.That(table, Does.Contain("2 => 10.244.0.3:8080/TCP (active)"));
        Assert.That(table, Does.Contain($"{ids["10.96.0.2:80/TCP"]} default/service-2 10.96.0.2:80/TCP ClusterIP (none)"));

        var kernel = _lab.Json(0, "lb", "list").EnumerateArray().Single(static f => f.GetProperty("frontend").GetString() == "10.96.0.1:80/TCP");
        Assert.That(kernel.GetProperty("backends").EnumerateArray().Select(static b => b.GetProperty("share").GetDouble()), Is.EqualTo(new[] { 0.5, 0.5 }));
        Assert.That(_lab.Run("lb", "list").OutputLines[0], Is.EqualTo("ID FRONTEND TYPE BACKEND ID BACKEND SHARE"));
        Assert.That(_lab.Run("lb", "list").Output, Does.Not.Contain('\e'), "no colours but on a terminal");
    }

    [Test]
    public void The_status_tells_of_the_agent_the_programs_and_mistakes_in_manifests()
    {
        using var agent = _lab.StartAgent();
        _lab.Write("three.yaml", AgentLab.Service(3).Replace("port: 80,", "port: 70000,", StringComparison.Ordinal));
        agent.WaitFor("three.yaml:");
        var status = _lab.Json(1, "status");
        var diagnostic = status.GetProperty("agent").GetProperty("diagnostics")[0];
        Assert.Multiple(() =>
        {
            Assert.That(status.GetProperty("agent").GetProperty("pid").GetInt32(), Is.EqualTo(agent.Id));
            Assert.That(status.GetProperty("agent").GetProperty("isSynced").GetBoolean());
            Assert.That(status.GetProperty("hooks").EnumerateObject().Count(), Is.EqualTo(10));
            Assert.That(status.GetProperty("frontends").GetInt32(), Is.EqualTo(8));
            Assert.That(status.GetProperty("ranges").GetInt32(), Is.Zero);
            Assert.That(Features(status), Does.Contain(("socket load balancing", "on")).And.Contain(("session affinity", "off")));
            Assert.That(diagnostic.GetProperty("line").GetInt32(), Is.GreaterThan(0));
            Assert.That(diagnostic.GetProperty("field").GetString(), Is.EqualTo("spec.ports[0].port"));
            Assert.That(diagnostic.GetProperty("value").GetString(), Is.EqualTo("70000"));
        });
        var text = _lab.Run("status").OutputLines;
        Assert.That(text[0], Does.StartWith($"Agent: process {agent.Id}, step "));
        Assert.That(text, Does.Contain("Self-test: effective"));
        Assert.That(text, Does.Contain("Programs: 10 attached"));
        Assert.That(text, Does.Contain($"Features: socket load balancing: on: 10 programs at cgroup '{_lab.Lab.CgroupPath}'"));
        Assert.That(text, Does.Contain("connect-time fallback: off: socketLB:connectFallback is 0"));
        Assert.That(text, Has.Some.StartsWith("Manifests: error: ").And.Some.Contains("three.yaml:"));
        agent.Kill();
        Assert.That(_lab.Run("status").OutputLines[0], Is.EqualTo("Agent: not running"));
        Assert.That(_lab.Run("status").ExitCode, Is.Zero, "what is pinned goes on");
    }

    [Test]
    public void The_pins_of_another_program_are_looked_at_by_their_folder_and_its_process_is_told()
    {
        using var datapath = LinuxDatapath.Open(_lab.Lab.Options with { Lifetime = DatapathLifetime.Pinned });
        _ = datapath.Apply(new([ServiceLab.Service(1, 2)], []));
        File.Delete(_lab.Config);
        AgentRun RunAt(params string[] command) => AgentProcess.Run([.. command, "--bpf-root", _lab.BpfRoot]);
        Assert.That(RunAt("lb", "list").Output, Does.Contain("10.96.0.1:80/TCP"));
        var text = RunAt("status").OutputLines;
        Assert.That(text, Does.Contain("Agent: not running").And.Contain($"Pins: {_lab.BpfRoot}").And.Contain($"Managed by: process {Environment.ProcessId}, which is no agent that can be asked"));
        Assert.That(RunAt("uninstall").Errors, Does.StartWith($"datapath-agent: process {Environment.ProcessId} already manages '{_lab.BpfRoot}'"));
        datapath.Dispose();
        Assert.That(RunAt("status").OutputLines, Does.Contain("Managed by: nobody"));
        Assert.That(RunAt("uninstall").Output, Does.StartWith($"removed '{_lab.BpfRoot}'\n"));
        Assert.That(RunAt("verify").Errors, Does.Contain($"no agent runs for '{_lab.BpfRoot}'"));
    }

    [Test]
    public void A_pin_folder_on_the_command_line_goes_before_that_of_the_configuration()
    {
        Assert.That(_lab.Run("lb", "list", "--bpf-root", "/sys/fs/bpf/none").Errors, Does.Contain("nothing is pinned in '/sys/fs/bpf/none'"));
        var wrong = _lab.Run("lb", "list", "--bpf-root", "none");
        Assert.That((wrong.ExitCode, wrong.ErrorLines[0]), Is.EqualTo((2, "--bpf-root: 'none' must be an absolute path")));
    }

    [Test]
    public void A_part_that_is_not_effective_is_told_by_the_exit_code()
    {
        using var agent = _lab.StartAgent();
        Assert.That(_lab.Run("status").ExitCode, Is.Zero);
        File.Delete(Path.Combine(_lab.BpfRoot, "links", "dp_connect4"));
        Assert.That(Features(_lab.Json(1, "status")), Does.Contain(("adoption", "not effective")));
    }

    private static IEnumerable<(string? Name, string? State)> Features(JsonElement status) =>
        status.GetProperty("agent").GetProperty("features").EnumerateArray().Select(static f => (f.GetProperty("name").GetString(), f.GetProperty("state").GetString()));

    [Test]
    public void Mistakes_in_the_configuration_are_named_all_at_once()
    {
        File.WriteAllText(_lab.Config, """{ "lifetime": "forever", "bpfroute": "/x", "maxSlots": 1 }""");
        foreach (var command in new string[][] { ["run", "--manifests", _lab.Manifests], ["status"], ["uninstall"] })
        {
            var run = _lab.Run(command);
            Assert.That(run.ExitCode, Is.EqualTo(2));
            Assert.That(
                run.ErrorLines,
                Is.EqualTo(new[]
                {
                    "datapath-agent: bpfroute: is no known key; known are bpf, bpfRoot, cgroupRoot, defaultLBServiceIPAM, enableIPv4Masquerade, enableIPv6Masquerade, externalIPs, hostNetworkNamespace, "
                    + "ipMasqAgent, ipv4, ipv4NativeRoutingCIDR, ipv6, ipv6NativeRoutingCIDR, kubeProxyReplacement, kubernetes, lifetime, loadBalancer, localRedirectPolicies, maglev, masquerade, "
                    + "maxFrontends, maxSlots, maxStickyClients, monitor, noBackend, node, nodePort, services, sessionAffinity, socketLB, staleTcp, stopTimeout",
                    "datapath-agent: lifetime: 'forever' must be one of pinned, process",
                    "datapath-agent: maxSlots: 1 must be 64 to 16777216",
                }));
        }
    }

    [Test]
    public void Mistakes_of_the_command_line_the_configuration_and_the_machine_are_named_all_at_once()
    {
        File.WriteAllText(_lab.Config, """{ "bpfRoot": "/tmp/datapath", "cgroupRoot": "/sys/fs/cgroup/gone", "maxSlots": 1 }""");
        var run = _lab.Run("run", "--manifests", "/nowhere", "--metrics-address", "localhost");
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines.Select(static line => line.Split(" must ")[0]), Is.EqualTo(new[]
        {
            "datapath-agent: maxSlots: 1", "datapath-agent: bpfRoot: '/tmp/datapath'", "datapath-agent: cgroupRoot: '/sys/fs/cgroup/gone'",
            "datapath-agent: the folder of manifests '/nowhere' does not exist", "datapath-agent: --metrics-address: 'localhost'",
        }));
        Assert.That(_lab.Run("run").ErrorLines, Has.Length.EqualTo(4).And.Some.EqualTo("datapath-agent: there is nothing to follow: give --manifests DIR, --kubernetes or both"));
    }

    [TestCase("{\n  \"lifetime\": }", ":2: '}' is an invalid start of a value.")]
    [TestCase("[]", ": Top-level JSON element must be an object. Instead, 'Array' was found.")]
    public void A_configuration_that_is_no_JSON_object_is_refused_with_file_and_line(string text, string error)
    {
        File.WriteAllText(_lab.Config, text);
        Assert.That(_lab.Run("status"), Is.EqualTo(new AgentRun(2, "", $"datapath-agent: {_lab.Config}{error}\n")));
    }

    [Test]
    public void A_configuration_that_is_missing_is_named()
    {
        File.Delete(_lab.Config);
        Assert.That(_lab.Run("status"), Is.EqualTo(new AgentRun(2, "", $"datapath-agent: {_lab.Config}: there is no such file\n")));
    }

    [Test]
    public void Help_teaches_and_a_wrong_command_line_ends_with_2()
    {
        var help = AgentProcess.Run("--help");
        Assert.That(help.ExitCode, Is.Zero);
        Assert.That(help.Output, Does.Contain("datapath-agent run --manifests DIR").And.Contains("Exit codes: 0 done, 1 failed, 2 bad command line"));
        Assert.That(AgentProcess.Run("run", "--help").Output, Does.Contain("node:name").And.Contains("DATAPATH__KEY"));
        Assert.That(AgentProcess.Run("run").ExitCode, Is.EqualTo(2));
        Assert.That(AgentProcess.Run("lb", "list", "-o", "xml").ExitCode, Is.EqualTo(2));
        Assert.That(AgentProcess.Run("lst").ExitCode, Is.EqualTo(2));
    }
}
