using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What the datapath tells of its parts is so.</summary>
[TestFixture]
[LoadTest]
internal sealed class FeatureStatusTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new(servers: 2, static options => options with { Lifetime = DatapathLifetime.Pinned, ConnectFallback = TimeSpan.FromSeconds(9) }, havePodsNames: true);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Without_services_nothing_is_used()
    {
        Assert.That(Feature("socket load balancing"), Is.EqualTo((FeatureState.On, $"{_lab.Datapath.GetStatus().Hooks} programs at cgroup '{_lab.CgroupPath}'")));
        foreach (var name in new[] { "local redirect", "session affinity", "node ports at loopback", "exemptions", "dial monitor", "host namespace only" })
            Assert.That(Feature(name).State, Is.EqualTo(FeatureState.Off), name);
        Assert.That(Feature("connect-time fallback").Reason, Does.Contain(" 9 s; 0 frontends"));
        Assert.That(Feature("adoption"), Is.EqualTo((FeatureState.On, $"lifetime is pinned: what is in the kernel goes on without the process, and the next one at '{_lab.Options.BpfRoot}' takes it over")));
        Assert.That(Feature("stale sockets").State, Is.EqualTo(FeatureState.On));
    }

    [Test]
    public void What_services_ask_for_is_counted_also_after_a_restart()
    {
        var service = ServiceLab.Service(1, 2, 3);
        var sticky = service with { Frontends = [.. service.Frontends.Select(static f => f with { AffinitySeconds = 60 })] };
        var nodePort = service.Frontends[0] with { Address = L4Address.Unspecified(isIPv4: true, 30080, L4Protocol.Tcp), Type = FrontendType.NodePort };
        var state = ServiceLab.State(sticky, new DesiredService(ServiceLab.Name(2), [nodePort]), ServiceLab.Service(3, 2, 3));
        Assert.That(_lab.Datapath.Replace(state).Failures, Is.Empty);
        _ = _lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));
        for (var i = 0; i < 2; i++)
        {
            Assert.That(Feature("session affinity").Reason, Does.StartWith("4 frontends; ").And.EndsWith($"; 1 of {_lab.Options.MaxStickyClients} clients known"));
            Assert.That(Feature("connect-time fallback").Reason, Does.EndWith("; 5 frontends with a choice"));
            Assert.That(Feature("node ports at loopback").Reason, Does.StartWith("1 port "));
            _lab.Reopen();
        }
    }

    [Test]
    public void Policies_are_counted_and_those_for_some_clients()
    {
        var (policy, range) = (new ServiceName("", "policy:local-redirect"), IPNetwork.Parse("198.18.0.0/16"));
        var redirect = new Redirect(policy, [new(new(PodNetwork.V4(2), ServiceLab.BackendPort, L4Protocol.Tcp))]);
        Apply(redirect);
        Assert.That(Feature("local redirect"), Is.EqualTo((FeatureState.On, "1 policy in force; all clients are treated alike")));
        Apply(redirect with { SkippedPods = [new("default", "pod-2")] });
        Assert.That(Feature("local redirect").Reason, Is.EqualTo("1 policy in force; 1 frontend or range with other backends for some clients, told by network namespace"));
        _ = _lab.Apply(new ChangeSet([], [policy]));
        Assert.That(Feature("local redirect").State, Is.EqualTo(FeatureState.Off));

        void Apply(Redirect wanted) => _ = _lab.Apply(new ChangeSet([new(policy, []) { Ranges = [new(range, 80, 80, L4Protocol.Tcp, [wanted])] }], [])
        {
            Pods = [new(new("default", "pod-2")) { Addresses = [PodNetwork.V4(2)] }],
        });
    }

    [Test]
    public void Pods_that_are_left_alone_are_counted_and_those_not_found_too()
    {
        LocalPod found = new(new("default", "pod-1")) { Addresses = [PodNetwork.V4(1)], IsExempt = true };
        LocalPod missing = new(new("default", "missing")) { Addresses = [IPAddress.Parse("10.244.200.201")], IsExempt = true };
        _ = _lab.Datapath.Apply(new([], []) { Pods = [found] });
        Assert.That(Feature("exemptions"), Is.EqualTo((FeatureState.On, "left alone are 0 cgroups and 0 network namespaces of the configuration and 1 pod")));
        _ = _lab.Datapath.Apply(new([], []) { Pods = [missing] });
        Assert.That(Feature("exemptions").State, Is.EqualTo(FeatureState.NotEffective));
        Assert.That(Feature("exemptions").Reason, Does.Contain("and 1 pod, but 1 more pod cannot"));
    }

    [Test]
    public void Bind_protection_without_its_programs_is_not_effective()
    {
        using (var link = BpfLink.OpenPinned(Path.Combine(PinFolder.LinksOf(_lab.Options.BpfRoot), "dp_post_bind6")))
            link.Detach();
        Assert.That(Feature("bind protection").State, Is.EqualTo(FeatureState.NotEffective));
        Assert.That(Feature("bind protection").Reason, Does.Contain("(dp_post_bind6)"));
    }

    [Test]
    public void Who_listens_is_told_while_it_does()
    {
        using (DialMonitor.Open(_lab.Datapath))
            Assert.That(Feature("dial monitor").Reason, Does.StartWith($"process {Environment.ProcessId} listens; "));
        Assert.That(Feature("dial monitor").State, Is.EqualTo(FeatureState.Off));
    }

    [Test]
    public void Programs_that_are_detached_and_pins_that_are_gone_are_told()
    {
        var path = Path.Combine(PinFolder.LinksOf(_lab.Options.BpfRoot), "dp_connect4");
        using (var link = BpfLink.OpenPinned(path))
            link.Detach();
        Assert.That(Feature("socket load balancing").State, Is.EqualTo(FeatureState.NotEffective));
        Assert.That(Feature("socket load balancing").Reason, Does.StartWith("1 of "));
        File.Delete(path);
        Assert.That(Feature("adoption"), Is.EqualTo((FeatureState.NotEffective, $"pins in '{_lab.Options.BpfRoot}' are gone (dp_connect4): the state will not survive this process; start it again")));
    }

    [Test]
    public void Who_asks_while_the_datapath_ends_gets_an_answer_or_is_told_so()
    {
        var asked = new CountdownEvent(3);
        var asking = Task.Run(() =>
        {
            while (true)
            {
                _ = _lab.Datapath.GetStatus();
                if (!asked.IsSet)
                    _ = asked.Signal();
            }
        });
        asked.Wait();
        _lab.Datapath.Dispose();
        Assert.That(async () => await asking, Throws.TypeOf<ObjectDisposedException>());
    }

    private (FeatureState State, string Reason) Feature(string name)
    {
        var feature = _lab.Datapath.GetStatus().Features.Single(f => f.Name == name);
        return (feature.State, feature.Reason);
    }
}
