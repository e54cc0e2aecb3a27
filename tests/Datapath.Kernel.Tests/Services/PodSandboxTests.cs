using System.Collections.Immutable;
using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>
/// Sandboxes of pods that go and are made again with the same address. Pod 2 is where the redirect leads and whom it leaves alone, pod 3 the service itself.
/// </summary>
[LoadTest]
internal sealed class PodSandboxTests
{
    private const int Client = 1;
    private const int Local = 2;
    private const int Original = 3;

    private static readonly ServiceName s_policy = new("default", "policy:local-redirect");

    /// <summary>An address that no other test's pods have, wherever on the machine they are.</summary>
    private static readonly IPAddress s_address = new([10, 244, (byte)(128 | (Environment.ProcessId >> 8)), (byte)(Environment.ProcessId | 1)]);

    private static readonly LocalPod s_local = new(new("default", "local")) { Addresses = [s_address] };
    private static readonly L4Address s_service = new(ServiceLab.ServiceV4(), ServiceLab.ServicePort, L4Protocol.Tcp);

    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2, static options => options, havePodsNames: true);
        AddAddress();
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_pod_that_was_made_again_is_left_alone_again_once_it_is_told([Values] bool isItsService)
    {
        var changes = new ChangeSet([Skipping], []) { Pods = [s_local] };
        _ = _lab.Apply(changes);
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod3")));
        Assert.That(_lab.Datapath.FindLostPods(), Is.Empty);
        MakeAgain();
        Assert.That(_lab.Datapath.FindLostPods(), Is.EqualTo(new[] { s_local.Name }));
        _ = _lab.Apply(isItsService ? changes with { Pods = [] } : changes with { Upserted = [] });
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod3")));
        Assert.That(_lab.Datapath.FindLostPods(), Is.Empty);
    }

    [Test]
    public void While_a_pod_is_gone_the_redirect_that_leaves_it_alone_is_not_in_force_and_says_so()
    {
        _ = _lab.Apply(new ChangeSet([Skipping], []) { Pods = [s_local] });
        _lab.TakeDown(Local);
        Assert.That(_lab.Datapath.FindLostPods(), Is.EqualTo(new[] { s_local.Name }));
        var failure = _lab.Datapath.Apply(new([], []) { Pods = [s_local] }).Failures.Single();
        Assert.That((failure.Policy, failure.IsTransient), Is.EqualTo(((ServiceName?)s_policy, true)));
        Assert.That(failure.Reason, Does.Contain(s_address.ToString()));
        Assert.That(From(Client), Is.EqualTo("pod3"));
        Assert.That(_lab.Datapath.FindLostPods(), Is.Empty, "it is known to be gone");
        _lab.MakeAgain(Local);
        AddAddress();
        _ = _lab.Apply(new ChangeSet([Skipping], []));
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod3")));
    }

    [Test]
    public void A_pod_whose_address_is_elsewhere_now_is_looked_for_there()
    {
        _ = _lab.Apply(new ChangeSet([Skipping], []) { Pods = [s_local] });
        using (var route = _lab.Pods[Local].OpenRouteNetlink())
            route.DeleteAddress(route.GetLink("eth0").Index, s_address, 16);
        AddAddress(Client);
        Assert.That(_lab.Datapath.FindLostPods(), Is.EqualTo(new[] { s_local.Name }));
        _ = _lab.Apply(new ChangeSet([], []) { Pods = [s_local] });
        Assert.That(From(Client), Is.EqualTo("pod3"));
    }

    [Test]
    public void An_exempt_pod_that_was_made_again_is_exempt_again_once_it_is_told()
    {
        var exempt = s_local with { IsExempt = true };
        _ = _lab.Apply(new ChangeSet([ServiceLab.Service(1, Original)], []) { Pods = [exempt] });
        Assert.That(From(Local), Is.EqualTo("ENETUNREACH"));
        _lab.TakeDown(Local);
        Assert.That(_lab.Datapath.FindLostPods(), Is.EqualTo(new[] { exempt.Name }));
        Assert.That(Tell(exempt).Single().Reason, Does.Contain(s_address.ToString()));
        _lab.MakeAgain(Local);
        AddAddress();
        Assert.That(Tell(exempt), Is.Empty);
        Assert.That(From(Local), Is.EqualTo("ENETUNREACH"));
    }

    [Test]
    public void A_pod_on_the_hosts_network_is_found_in_the_cgroup_that_was_made_again()
    {
        var exempt = new LocalPod(s_local.Name) { Uid = $"{Guid.NewGuid()}", IsHostNetwork = true, IsExempt = true };
        _ = _lab.Apply(ServiceLab.Service(1, Original));
        var parent = Cgroup.Open(_lab.CgroupPath);
        var cgroup = parent.CreateChild($"pod{exempt.Uid}");
        Assert.That(Tell(exempt), Is.Empty);
        Assert.That(_lab.Datapath.FindLostPods(), Is.Empty);
        cgroup.Delete();
        Assert.That(_lab.Datapath.FindLostPods(), Is.EqualTo(new[] { exempt.Name }));
        Assert.That(Tell(exempt).Single().Reason, Does.Contain(exempt.Uid));
        cgroup = parent.CreateChild($"pod{exempt.Uid}");
        try
        {
            Assert.That(Tell(exempt), Is.Empty);
            cgroup.AddCurrentProcess();
            Assert.That(From(Client), Is.EqualTo("ENETUNREACH"));
        }
        finally
        {
            parent.AddCurrentProcess();
            cgroup.Delete();
        }
    }

    [Test]
    public void Nothing_is_to_be_asked_while_nothing_depends_on_where_a_pod_is()
    {
        _ = _lab.Apply(new ChangeSet([ServiceLab.Service(1, Original)], []) { Pods = [s_local] });
        Assert.That(_lab.Datapath.PodNames.NameOf(_lab.Pods[Local].Cookie, 0), Is.EqualTo("default/local"), "it is found when it is asked for");
        Assert.That(_lab.Datapath.DependsOnFoundPods, Is.False);
        _ = _lab.Apply(Skipping);
        Assert.That(_lab.Datapath.DependsOnFoundPods, Is.True);
        _ = _lab.Apply(ServiceLab.Service(1, Original));
        Assert.That(_lab.Datapath.DependsOnFoundPods, Is.False);
        Assert.That(Tell(s_local with { IsExempt = true }), Is.Empty);
        Assert.That(_lab.Datapath.DependsOnFoundPods, Is.True);
        Assert.That(Tell(s_local), Is.Empty);
        Assert.That(_lab.Datapath.DependsOnFoundPods, Is.False);
    }

    /// <summary>A service whose dials go to pod 2, but for that pod's own.</summary>
    private static DesiredService Skipping
    {
        get
        {
            var service = ServiceLab.Service(1, Original);
            var redirect = new Redirect(s_policy, [new(new(s_address, ServiceLab.BackendPort, L4Protocol.Tcp))]) { SkippedPods = [s_local.Name] };
            return service with { Frontends = [.. service.Frontends.Where(static f => f.Address == s_service).Select(f => f with { Redirects = [redirect] })] };
        }
    }

    private void MakeAgain()
    {
        _lab.TakeDown(Local);
        _lab.MakeAgain(Local);
        AddAddress();
    }

    private void AddAddress(int pod = Local)
    {
        using var route = _lab.Pods[pod].OpenRouteNetlink();
        route.AddAddress(route.GetLink("eth0").Index, s_address, 16);
    }

    private ImmutableArray<PodFailure> Tell(LocalPod pod) => _lab.Apply(new ChangeSet([], []) { Pods = [pod] }).PodFailures;

    private string From(int pod) => _lab.Pods[pod].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()).ToString());
}
