using System.Text.Json;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Agent;

/// <summary><c>monitor</c>: dials to services, a line each.</summary>
[TestFixture]
internal sealed class MonitorCommandTests
{
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private AgentProcess StartMonitor(params string[] options)
    {
        var monitor = AgentProcess.Start(["monitor", "--config", _lab.Config, .. options]);
        try
        {
            monitor.WaitFor("listening to the dials of ");
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
        using var agent = _lab.StartAgent();
        Assert.That(agent.Stop(), Is.Zero);
    }

    private static string Field(string line, string name)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty(name).ToString();
    }

    [TestCase(AgentProcess.SigTerm)]
    [TestCase(AgentProcess.SigInt)]
    public void A_line_tells_who_dialed_which_service_and_where_that_went(int signal)
    {
        using var agent = _lab.StartAgent();
        using var monitor = StartMonitor();
        var pod = _lab.DialTcp();
        Assert.That(
            monitor.ReadLine(),
            Does.Match($@"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}}Z translated \S+ \d+/.+ default/service-1 10\.96\.0\.1:80/TCP -> 10\.244\.0\.{pod[3..]}:8080/TCP$"));
        Assert.That(_lab.DialTcp(service: 2), Is.EqualTo(nameof(Errno.ECONNREFUSED)));
        Assert.That(monitor.ReadLine(), Does.Match(@" refused    \S+ \d+/.+ default/service-2 10\.96\.0\.2:80/TCP -> \(no backend\)$"));
        monitor.Signal(signal);
        Assert.That((monitor.WaitForEnd(), monitor.Errors), Is.EqualTo((0, $"datapath-agent: listening to the dials of '{_lab.BpfRoot}'\ndatapath-agent: 2 dials shown, 0 lost")));
        Assert.That(agent.Stop(), Is.Zero);
    }

    [Test]
    [LoadTest]
    public void One_that_was_stopped_says_from_when_to_when_it_heard_nothing()
    {
        StartAndStopAgent();
        using var monitor = StartMonitor();
        monitor.Signal(AgentProcess.SigStop);
        Eventually.True(
            () =>
            {
                DialNowAndThen();
                using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.BpfRoot), SocketLbObject.State));
                return !map.AsArray<ManagerState>()[0].Flags.HasFlag(StateFlags.Traces);
            },
            "it is listened for no more");
        monitor.Signal(AgentProcess.SigContinue);
        Eventually.True(
            () =>
            {
                DialNowAndThen();
                return monitor.Errors.Contains("datapath-agent: nothing was heard from ", StringComparison.Ordinal);
            },
            "it tells, and hears again");
        Assert.That(monitor.Stop(), Is.Zero);

        // Nobody reads the lines of the dials meanwhile: they must not fill the pipe.
        void DialNowAndThen()
        {
            _ = _lab.DialTcp();
            Thread.Sleep(100);
        }
    }

    [Test]
    public void A_client_in_the_network_namespace_of_a_pod_bears_its_name_whatever_its_cgroup()
    {
        using var lab = new AgentLab(havePodsNames: true);
        lab.Write("one.yaml", AgentLab.Service(1, 2));
        lab.Write("pod.yaml", $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: client, namespace: shop }
            spec: { nodeName: node-a }
            status: { phase: Running, podIP: {{PodNetwork.V4(1)}}, podIPs: [{ ip: {{PodNetwork.V4(1)}} }] }
            """);
        using var agent = lab.StartAgent();
        using var monitor = AgentProcess.Start("monitor", "--config", lab.Config, "--count", "1");
        monitor.WaitFor("listening to the dials of ");
        _ = lab.DialTcp();
        Assert.That(monitor.ReadLine(), Does.Contain(" shop/client ").And.Contain(" default/service-1 "));
        Assert.That(monitor.WaitForEnd(), Is.Zero);
    }

    [Test]
    public void As_JSON_each_line_is_an_object_and_a_count_ends_it()
    {
        StartAndStopAgent();
        using var monitor = StartMonitor("-o", "json", "--count", "2");
        _ = _lab.DialTcp(service: 2);
        _ = _lab.Dial(static () => Dial.Udp(ServiceLab.ServiceV6(2)));
        var lines = new[] { monitor.ReadLine()!, monitor.ReadLine()! };
        Assert.Multiple(() =>
        {
            Assert.That(lines.Select(static l => Field(l, "address")), Is.EqualTo(new[] { "10.96.0.2:80/TCP", "[fd10:96::2]:80/UDP" }));
            Assert.That(lines.Select(static l => (Field(l, "verdict"), Field(l, "reason"), Field(l, "call"))), Is.All.EqualTo(("refused", "no backend", "connect")));
            Assert.That(lines.Select(static l => (Field(l, "service"), Field(l, "backend"))), Is.All.EqualTo(("", "")), "no agent knows the name");
            Assert.That(lines.Select(static l => Field(l, "netnsCookie")), Is.All.EqualTo($"{_lab.Lab.Pods[1].Cookie}"));
        });
        Assert.That((monitor.ReadLine(), monitor.WaitForEnd()), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public void Filters_leave_out_what_is_not_asked_for()
    {
        using var agent = _lab.StartAgent();
        foreach (var options in new string[][]
        {
            ["--verdict", "refused"],
            ["--service", "default/service-2"],
            ["--address", "10.96.0.2:80/TCP"],
            ["--cgroup", _lab.Lab.CgroupPath, "--netns", $"{_lab.Lab.Pods[1].Cookie}", "--protocol", "tcp", "--verdict", "passed", "refused"],
        })
        {
            using var monitor = StartMonitor([.. options, "-o", "json", "--count", "1"]);
            _ = _lab.Dial(static () => Dial.Udp(ServiceLab.ServiceV4()));
            _ = _lab.DialTcp(service: 2);
            Assert.That(Field(monitor.ReadLine()!, "address"), Is.EqualTo("10.96.0.2:80/TCP"), string.Join(' ', options));
            Assert.That(monitor.WaitForEnd(), Is.Zero);
        }
    }

    [Test]
    public void A_second_one_is_refused_with_the_process_of_the_first_and_one_that_was_killed_is_in_nobodys_way()
    {
        StartAndStopAgent();
        using (var first = StartMonitor())
        {
            var second = _lab.Run("monitor");
            Assert.That(
                (second.ExitCode, second.Errors),
                Is.EqualTo((1, $"datapath-agent: process {first.Id} already listens to the dials of '{_lab.BpfRoot}'; there is room for one at a time\n")));
            first.Kill();
        }

        using var next = StartMonitor("-o", "json");
        _ = _lab.DialTcp(service: 2);
        Assert.That(Field(next.ReadLine()!, "address"), Is.EqualTo("10.96.0.2:80/TCP"));
        Assert.That(next.Stop(), Is.Zero);
    }

    [Test]
    public void It_ends_when_nobody_reads_its_output()
    {
        StartAndStopAgent();
        using var monitor = StartMonitor();
        monitor.CloseOutput();
        _ = _lab.DialTcp();
        Assert.That(monitor.WaitForEnd(), Is.Zero, monitor.Errors);
    }

    [Test]
    public void Without_pins_or_for_a_service_without_an_agent_there_is_nothing_to_hear()
    {
        var none = _lab.Run("monitor");
        Assert.That(
            (none.ExitCode, none.Errors),
            Is.EqualTo((4, $"datapath-agent: nothing is pinned in '{_lab.BpfRoot}'; a datapath with lifetime process is heard only by its own process\n")));
        StartAndStopAgent();
        var unnamed = _lab.Run("monitor", "--service", "default/service-1");
        Assert.That(
            (unnamed.ExitCode, unnamed.Errors),
            Is.EqualTo((4, $"datapath-agent: no agent runs for '{_lab.BpfRoot}', so nothing is known of 'default/service-1'; --address needs none\n")));
    }

    [TestCase("--sample", "0", "--sample: '0' must be a whole number, 1 to 2147483647")]
    [TestCase("--count", "many", "--count: 'many' must be a whole number, 1 to 2147483647")]
    [TestCase("--address", "10.96.0.1", "--address: '10.96.0.1' must be ADDRESS:PORT/PROTOCOL, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP")]
    [TestCase("--verdict", "denied", "Argument 'denied' not recognized")]
    public void A_bad_option_is_named(string option, string value, string error)
    {
        var run = _lab.Run("monitor", option, value);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain(error));
    }

    [Test]
    public void A_network_namespace_or_cgroup_that_is_not_there_is_named()
    {
        StartAndStopAgent();
        var netns = _lab.Run("monitor", "--netns", "no-such-name");
        Assert.That(netns.ExitCode, Is.EqualTo(1));
        Assert.That(netns.Errors, Does.Contain("/run/netns/no-such-name"));
        var cgroup = _lab.Run("monitor", "--cgroup", "/sys/fs/cgroup/no-such-cgroup");
        Assert.That(cgroup.ExitCode, Is.EqualTo(1));
        Assert.That(cgroup.Errors, Does.Contain("/sys/fs/cgroup/no-such-cgroup"));
    }
}
