using System.Net;
using Datapath.Hosting.Tests.Lab;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>Masquerading in a host: what the sources and the file of the ip-masq-agent tell is compiled and given to its engine.</summary>
internal sealed class MasqueradeTests
{
    private static readonly IPAddress s_pod = IPAddress.Parse("10.244.0.1");
    private static readonly IPAddress s_world = IPAddress.Parse("198.18.0.9");

    private readonly FakeSource _source = new();
    private readonly TempFolder _temp = new();

    [TearDown]
    public void DeleteFolder() => _temp.Dispose();

    [Test]
    public async Task Pods_are_masqueraded_until_they_opt_out_or_go()
    {
        await using var lab = await StartAsync();
        _source.Tell(Objects.Pod("web"));
        var now = await lab.SyncedAsync();
        Assert.That(Decide(now), Is.EqualTo(MasqueradeReason.Source));
        Assert.That(now.Masquerade!.State, Is.EqualTo(lab.Masquerade.States.Last()));

        var pod = Objects.Pod("web");
        _source.Tell(pod with { Metadata = pod.Metadata with { Annotations = pod.Metadata.Annotations.Add(Pod.MasqueradeAnnotation, "disabled") } });
        now = await UntilAsync(lab, MasqueradeReason.OptedOut);
        Assert.That(now.Masquerade!.Remarks.Select(static r => r.ToString()), Has.Some.StartsWith("Pod default/web: "));
        _source.Tell(new ObjectBatch([], [new(ObjectKind.Pod, "default", "web")], []));
        _ = await UntilAsync(lab, MasqueradeReason.NoSource);
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Healthy, "0 services")));
    }

    [Test]
    public async Task What_keeps_its_rules_from_taking_effect_shows_in_the_health()
    {
        await using var lab = await StartAsync();
        _source.Tell(Objects.Pod("web"));
        _ = await lab.SyncedAsync();
        lab.Masquerade.Faults = ["table 'nat' was deleted", "and again"];
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Degraded, "masquerading: table 'nat' was deleted; and again")));
        lab.Masquerade.Faults = [];
        Assert.That((await lab.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task What_keeps_its_rules_from_taking_effect_shows_in_the_snapshot_and_keeps_no_service_from_serving()
    {
        var time = new FakeTimeProvider();
        await using var lab = await StartAsync(time: time);
        _source.Tell(Objects.Pod("web"));
        _ = await lab.SyncedAsync();
        lab.Masquerade.Faults = ["programs were detached"];
        await Deadline.UntilAsync(() => time.Waiting == 2, "the next looks for faults and for ports are planned");
        time.Advance(FaultWatch.Interval);
        var now = await lab.Monitor.WaitForAsync(static s => !s.Faults.IsEmpty, Deadline.Token);
        Assert.That(now.Faults, Is.EqualTo(new[] { "masquerading: programs were detached" }));
        Assert.That(now.Masquerade!.Faults, Is.EqualTo(new[] { "programs were detached" }));
        Assert.That(now.Outage, Is.Null);
        Assert.That(now.ToString(), Does.EndWith("; masquerading: rules in force; programs were detached").And.Not.Contains("masquerading: programs"));

        _source.Tell(Objects.Pod("web"), Objects.Service("a"));
        now = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 1, Deadline.Token);
        Assert.That(now.Masquerade!.Faults, Has.Length.EqualTo(1), "a step does not lose it");
        lab.Masquerade.Faults = [];
        _source.Tell(new ObjectBatch([], [new(ObjectKind.Service, "default", "a")], []));
        _ = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 0 && s.Faults.IsEmpty && s.Masquerade!.Faults.IsEmpty, Deadline.Token);
        Assert.That(lab.Log.Bad, Is.Empty, "the engine tells it itself");
    }

    [Test]
    public async Task What_the_engine_finds_out_shows_in_the_snapshot_at_once()
    {
        var time = new FakeTimeProvider(); // stands still: nothing is asked from time to time
        await using var lab = await StartAsync(time: time);
        _source.Tell(Objects.Pod("web"));
        _ = await lab.SyncedAsync();
        await Deadline.UntilAsync(() => lab.Masquerade.FaultsChanged is not null, "nobody listens");
        lab.Masquerade.Outage = "programs were detached";
        lab.Masquerade.FaultsChanged!();
        var now = await lab.Monitor.WaitForAsync(static s => s.Masquerade is { Outage: not null }, Deadline.Token);
        Assert.That(now.Masquerade!.Faults, Is.EqualTo(new[] { "programs were detached" }));
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Degraded, "masquerading: programs were detached")));
        lab.Masquerade.Outage = null;
        lab.Masquerade.Faults = ["programs were detached"]; // and are attached again
        lab.Masquerade.FaultsChanged!();
        now = await lab.Monitor.WaitForAsync(static s => s.Masquerade is { Outage: null }, Deadline.Token);
        Assert.That(now.Masquerade!.Faults, Is.EqualTo(new[] { "programs were detached" }));
        await lab.Host.StopAsync(Deadline.Token);
        Assert.That(lab.Masquerade.FaultsChanged, Is.Null);
    }

    [Test]
    public void What_somebody_detaches_is_logged_as_a_warning_and_what_stays_detached_as_an_error()
    {
        using var log = new FakeLog();
        var detachment = new MasqueradeDetachment("eth0", ["dp_nat_ingress", "dp_nat_egress"]);
        MasqueradeEngines.TellDetached(log.CreateLogger("masquerade"), detachment);
        MasqueradeEngines.TellDetached(log.CreateLogger("masquerade"), detachment with { Failure = "EPERM" });
        const string What = "Masquerading: programs were detached from device 'eth0' (dp_nat_ingress, dp_nat_egress) and are ";
        Assert.That(log.At(LogLevel.Warning), Is.EqualTo(new[] { What + "attached again; what left meanwhile may have kept its own address" }));
        Assert.That(log.At(LogLevel.Error), Is.EqualTo(new[] { What + "not attached again yet, which is tried again: EPERM; what leaves may keep its own address, and answers may be lost" }));
    }

    [Test]
    public async Task What_does_not_concern_it_gives_the_engine_nothing_to_do()
    {
        await using var lab = await StartAsync();
        _source.Tell(Objects.Pod("web"));
        _ = await lab.SyncedAsync();
        _source.Tell(Objects.Pod("web"), Objects.Service("a"));
        _ = await lab.Monitor.WaitForAsync(static s => s.State.Services.Count == 1, Deadline.Token);
        Assert.That(lab.Masquerade.States, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task The_file_of_the_agent_is_waited_for_and_followed_and_a_bad_one_leaves_the_last_list()
    {
        _temp.Write("list", "nonMasqueradeCIDRs: [198.18.0.0/15]");
        await using var lab = await StartAsync(o =>
        {
            o.Masquerade.UsesAgentFile = true;
            o.Masquerade.AgentFile = _temp.At("list");
        });
        _source.Tell(Objects.Pod("web"));
        Assert.That(Decide(await lab.SyncedAsync()), Is.EqualTo(MasqueradeReason.NonMasquerade), "from the first moment");

        _temp.Replace("list", "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = await UntilAsync(lab, MasqueradeReason.Source);
        _temp.Replace("list", "nonMasqueradeCIDRs: 10.0.0.0/8");
        var now = await lab.Monitor.WaitForAsync(static s => s.Masquerade?.Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error) is true, Deadline.Token);
        Assert.That(Decide(now), Is.EqualTo(MasqueradeReason.Source));
        Assert.That(lab.Log.At(LogLevel.Error), Has.Some.StartsWith("Masquerading: refused: ").And.Some.Contains("nonMasqueradeCIDRs"));
    }

    [Test]
    public async Task A_refusal_of_the_engine_is_told_once_and_tried_again_by_the_clock()
    {
        var time = new FakeTimeProvider();
        await using var lab = await StartAsync(time: time);
        lab.Masquerade.Refusal = new LinuxException("put rules into map 'dp_nat_sources4': it is full", Errno.ENOSPC);
        _source.Tell(Objects.Pod("web"));
        var now = await lab.SyncedAsync();
        Assert.That(now.Masquerade!.State, Is.Null);
        var (status, text) = await lab.HealthAsync();
        Assert.That((status, text), Is.EqualTo((HealthStatus.Degraded, $"masquerading keeps its old rules: {lab.Masquerade.Refusal.Message}")));
        await TryAgainAsync(100);
        lab.Masquerade.Refusal = null;
        await TryAgainAsync(200);
        _ = await UntilAsync(lab, MasqueradeReason.Source);
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Healthy, "0 services")));
        Assert.That(lab.Log.At(LogLevel.Error).Count(static l => l.StartsWith("Masquerading keeps", StringComparison.Ordinal)), Is.EqualTo(1));

        async Task TryAgainAsync(int milliseconds)
        {
            var tries = lab.Masquerade.States.Length;
            await Deadline.UntilAsync(() => time.Waiting == 3, "the next try is planned, and the next looks for faults and for ports");
            time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            await Deadline.UntilAsync(() => lab.Masquerade.States.Length == tries + 1, "it tries again");
        }
    }

    [Test]
    public async Task A_peer_that_has_most_of_the_ports_is_warned_of_once_and_so_is_its_end()
    {
        var time = new FakeTimeProvider();
        await using var lab = await StartAsync(static o => o.Masquerade.Ports = new(1001, 1010), time);
        _source.Tell();
        _ = await lab.SyncedAsync();
        Assert.That(await LookAsync(flows: 6), Is.Zero, "no peer could have 70 %, so nothing is read");
        Assert.That(await LookAsync(flows: 7), Is.EqualTo(1));
        _ = await LookAsync(flows: 8);
        _ = await LookAsync(flows: 6);
        const string Warning = "Masquerading runs short of ports: 70 % of the ports of 192.0.2.1 towards 198.18.0.9:443 (TCP); add addresses (masquerade:addresses, masquerade:pools) or ports (masquerade:ports)";
        Assert.That(lab.Log.Bad, Does.Contain(Warning));
        Assert.That(lab.Log.Bad.Count(static l => l.Contains("runs short", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lab.Log.At(LogLevel.Information), Has.None.Contains("has ports again"));
        _ = await LookAsync(flows: 5);
        Assert.That(lab.Log.At(LogLevel.Information), Does.Contain("Masquerading has ports again of 192.0.2.1 towards 198.18.0.9:443"));
        Assert.That(await LookAsync(flows: 5), Is.Zero);

        // Ports for all peers that an earlier range gave take no room in this one.
        lab.Masquerade.Flows = [.. Enumerable.Range(2001, 10).Select(static port => new MasqueradeFlow(
            new(s_pod, 40000), new(IPAddress.Parse("192.0.2.1"), (ushort)port), new(IPAddress.Parse("192.0.2.1"), 0), 6, TimeSpan.Zero, TimeSpan.Zero, true))];
        await LookAtPortsAsync(lab, time);
        Assert.That(lab.Log.Bad.Count(static l => l.Contains("runs short", StringComparison.Ordinal)), Is.EqualTo(1));

        async Task<int> LookAsync(int flows)
        {
            var read = lab.Masquerade.FlowsRead;
            lab.Masquerade.Flows = [.. Enumerable.Range(1001, flows).Select(static port => new MasqueradeFlow(
                new(s_pod, 40000), new(IPAddress.Parse("192.0.2.1"), (ushort)port), new(s_world, 443), 6, TimeSpan.Zero, TimeSpan.Zero, true))];
            await LookAtPortsAsync(lab, time);
            return lab.Masquerade.FlowsRead - read;
        }
    }

    [Test]
    public async Task That_flows_cannot_be_counted_is_told_once_and_the_watch_of_ports_goes_on()
    {
        var time = new FakeTimeProvider();
        await using var lab = await StartAsync(time: time);
        _source.Tell(Objects.Pod("web"));
        _ = await lab.SyncedAsync();
        lab.Masquerade.CountRefusal = new LinuxException("list connections", Errno.ENOMEM);
        await LookAtPortsAsync(lab, time);
        await LookAtPortsAsync(lab, time);
        lab.Masquerade.CountRefusal = null;
        await LookAtPortsAsync(lab, time);
        await LookAtPortsAsync(lab, time);
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { "Could not look at the use of ports, which is tried again: list connections: ENOMEM" }));
        Assert.That(lab.Log.At(LogLevel.Information).Count(static l => l == "Can look at the use of ports again"), Is.EqualTo(1));
    }

    [Test]
    public async Task Without_it_the_engine_is_not_asked()
    {
        await using var lab = new HostLab(_source);
        await lab.Host.StartAsync(Deadline.Token);
        _source.Tell(Objects.Pod("web"));
        var now = await lab.SyncedAsync();
        Assert.That((now.Masquerade, lab.Masquerade.States.Length), Is.EqualTo(((MasqueradeSnapshot?)null, 0)));
    }

    [Test]
    public void A_host_may_have_neither()
    {
        var services = new ServiceCollection().AddLogging();
        _ = services.AddDatapath(static o => o.EnableServices = false);
        using var provider = services.BuildServiceProvider();
        using var datapath = provider.GetRequiredService<IDatapath>();
        using var masquerade = provider.GetRequiredService<IMasquerade>();
        Assert.That(datapath.Replace(DesiredState.Empty), Is.EqualTo(new ApplyResult(0, 0, [])));
        masquerade.Apply(MasqueradeState.Off);
        Assert.That((datapath.Read().Length, masquerade.ReadFlows().Length, masquerade.ReadCounters().Count), Is.EqualTo((0, 0, 0)));
    }

    private static async Task LookAtPortsAsync(HostLab lab, FakeTimeProvider time)
    {
        var looks = lab.Masquerade.Looks;
        await Deadline.UntilAsync(() => time.Waiting == 2, "the next looks for faults and for ports are planned");
        time.Advance(PortUseWatch.Interval);
        await Deadline.UntilAsync(() => lab.Masquerade.Looks > looks && time.Waiting == 2, "it has looked");
    }

    private static MasqueradeReason? Decide(DatapathSnapshot now) => now.Masquerade?.State?.Decide(new(s_pod, s_world) { Interface = "veth0" }).Verdict.Reason;

    private static Task<DatapathSnapshot> UntilAsync(HostLab lab, MasqueradeReason reason) => lab.Monitor.WaitForAsync(s => Decide(s) == reason, Deadline.Token);

    private async Task<HostLab> StartAsync(Action<DatapathOptions>? options = null, TimeProvider? time = null)
    {
        var lab = new HostLab(builder => builder.AddSource(_ => _source), time, options: o =>
        {
            o.Node.Name = "node-a";
            o.Masquerade.Enabled = true;
            options?.Invoke(o);
        });
        await lab.Host.StartAsync(Deadline.Token);
        return lab;
    }
}
