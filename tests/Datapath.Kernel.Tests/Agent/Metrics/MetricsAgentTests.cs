using System.Text.RegularExpressions;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Agent.Metrics;

/// <summary>The agent's port for metrics and health, as those see it who ask for them.</summary>
[TestFixture]
internal sealed partial class MetricsAgentTests
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private AgentLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = AgentLab.WithTwoServices();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [OneTimeTearDown]
    public void DisposeClient() => _client.Dispose();

    private (AgentProcess Agent, string Address) Start(string address)
    {
        var agent = AgentProcess.Start("run", "--config", _lab.Config, "--manifests", _lab.Manifests, "--metrics-address", address);
        agent.WaitFor("Synced ");
        agent.WaitFor("Metrics and health are told");
        return (agent, Address().Match(agent.Errors).Groups["address"].Value);
    }

    private string Get(string url) => _client.GetStringAsync(url).GetAwaiter().GetResult();

    [TestCase("127.0.0.1:0")]
    [TestCase("[::1]:0")]
    public void What_it_tells_pleases_promtool_and_says_what_happened(string address)
    {
        var (agent, at) = Start(address);
        using var running = agent;
        Assert.That(_lab.DialTcp(2), Is.EqualTo("ECONNREFUSED"));
        var text = Get($"http://{at}/metrics");
        Assert.That(Tool.Run(text, "promtool", "check", "metrics"), Is.EqualTo((0, "")), text);
        Assert.That(text.Split('\n'), Is.SupersetOf(new[]
        {
            "# TYPE datapath_reconcile_duration_seconds histogram",
            "datapath_frontend_written_total 8",
            "datapath_reconcile_lag_seconds 0",
            "datapath_map_usage{datapath_map=\"dp_frontends4\"} 4",
            "datapath_map_usage{datapath_map=\"dp_frontends6\"} 4",
            "datapath_map_limit{datapath_map=\"dp_frontends4\"} 1024",
        }));
        Assert.That(text, Does.Match("(?m)^datapath_dial_refused_total\\{datapath_reason=\"no_backend\"\\} [1-9]"));
        Assert.That(Get($"http://{at}/healthz") + Get($"http://{at}/readyz"), Is.EqualTo("ok\nok\n"));
        Assert.That(agent.Stop(), Is.Zero, () => agent.Errors);
    }

    [Test]
    public void Prometheus_scrapes_it_and_sees_what_changes()
    {
        var (agent, at) = Start("127.0.0.1:0");
        using var running = agent;
        using var prometheus = new PrometheusServer(at);
        Eventually.True(() => prometheus.Query("up") is 1, "a scrape that succeeds");
        Eventually.True(() => prometheus.Query("sum(datapath_map_usage{datapath_map=~'dp_frontends.'})") is 8, "two services");
        _lab.Write("three.yaml", AgentLab.Service(3, 2));
        Eventually.True(() => prometheus.Query("sum(datapath_map_usage{datapath_map=~'dp_frontends.'})") is 12, "a third service");
        Eventually.True(() => prometheus.Query("histogram_quantile(0.5, datapath_apply_duration_seconds_bucket)") is > 0, "a histogram that can be evaluated");
    }

    [Test]
    public void Without_the_option_there_is_no_port()
    {
        using var agent = _lab.StartAgent();
        Assert.That(agent.Errors, Does.Not.Contain("http"));
        Assert.That(ListeningSockets(agent.Id), Is.Empty);
    }

    [Test]
    public void A_bad_address_is_a_bad_command_line_and_one_that_is_taken_stops_the_start()
    {
        string[] run = ["run", "--manifests", _lab.Manifests, "--metrics-address"];
        Assert.That(
            _lab.Run([.. run, "localhost"]),
            Is.EqualTo(new AgentRun(2, "", "datapath-agent: --metrics-address: 'localhost' must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464\n")));
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        Assert.That(
            _lab.Run([.. run, taken.LocalEndpoint.ToString()!]),
            Is.EqualTo(new AgentRun(1, "", $"datapath-agent: --metrics-address: cannot listen at {taken.LocalEndpoint}: Address already in use\n")));
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False, "the kernel was not touched");
    }

    [Test]
    public void Its_socket_for_questions_is_for_its_user_alone()
    {
        using var agent = _lab.StartAgent();
        Assert.That(File.GetUnixFileMode(_lab.Sockets().Single()), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    /// <summary>The TCP sockets of a process that listen, by their inodes.</summary>
    private static string[] ListeningSockets(int pid)
    {
        var own = Directory.GetFiles($"/proc/{pid}/fd").Select(static fd => new FileInfo(fd).LinkTarget).ToHashSet();
        Assert.That(own, Has.Some.StartsWith("socket:"), "it has its socket for questions");
        return
        [
            .. new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadAllLines($"/proc/{pid}/net/{table}").Skip(1))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(row => row[3] == "0A" && own.Contains($"socket:[{row[9]}]")).Select(static row => row[9]),
        ];
    }

    [GeneratedRegex("told at http://(?<address>[^/]+)/metrics")]
    private static partial Regex Address();
}
