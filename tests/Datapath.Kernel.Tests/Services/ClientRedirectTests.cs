using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Redirects that are for some clients only, or leave their backends alone. Pod 2 is where redirects lead, pod 3 the service itself; pod 4 stands for the host.</summary>
internal sealed class ClientRedirectTests
{
    private const int Client = 1;
    private const int Local = 2;
    private const int Original = 3;
    private const int Host = 4;

    private static readonly ServiceName s_policy = new("default", "policy:local-redirect");

    private ServiceLab _lab = null!;
    private ScanLog _scans = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 3, options => options with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true, hostPod: Host);
        _scans = new(_lab.Datapath);
    }

    [TearDown]
    public void StopLab()
    {
        _scans.Dispose();
        _lab.Dispose();
    }

    /// <summary>TCP takes no IPv4 address on an IPv6 socket.</summary>
    private static IEnumerable<object[]> Dials() => from row in Enum.GetValues<SocketRow>()
                                                    from use in Enum.GetValues<SocketUse>()
                                                    where (row, use) is not (SocketRow.Ipv6SocketIpv4Address, SocketUse.Tcp)
                                                    select new object[] { row, use };

    [LoadTest]
    [TestCaseSource(nameof(Dials))]
    public void A_pod_that_is_left_alone_reaches_the_service_and_all_others_the_redirect(SocketRow row, SocketUse use)
    {
        Apply(Redirected(redirect => redirect with { SkippedPods = [NameOf(Local)] }));
        Assert.That(From(Client, row, use), Is.EqualTo("pod2"));
        Assert.That(From(Host, row, use), Is.EqualTo("pod2"));
        Assert.That(From(Local, row, use), Is.EqualTo("pod3"));
    }

    [LoadTest]
    [TestCaseSource(nameof(Dials))]
    public void A_redirect_is_for_the_pods_that_it_names(SocketRow row, SocketUse use)
    {
        Apply(Redirected(static redirect => redirect with { Clients = new() { HostProcesses = false, AllPodsExcept = false, Pods = [NameOf(Client)] } }));
        Assert.That(From(Client, row, use), Is.EqualTo("pod2"));
        Assert.That(From(Original, row, use), Is.EqualTo("pod3"));
        Assert.That(From(Host, row, use), Is.EqualTo("pod3"));
    }

    [Test]
    public void A_redirect_may_leave_out_pods_or_the_host()
    {
        Apply(Redirected(static redirect => redirect with { Clients = new() { Pods = [NameOf(Client)] } }));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod3", "pod2", "pod2")));
        Apply(Redirected(static redirect => redirect with { Clients = new() { HostProcesses = false } }));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod2", "pod2", "pod3")));
        Apply(Redirected(static redirect => redirect with { Clients = new() { AllPodsExcept = false } }));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod3", "pod3", "pod2")));
    }

    [LoadTest]
    [Test]
    public void Of_several_redirects_the_first_that_is_for_a_client_counts()
    {
        var first = new Redirect(new("default", "first:local-redirect"), []) { Clients = new() { HostProcesses = false, AllPodsExcept = false, Pods = [NameOf(Client)] } };
        Apply(Service(f => [first, ToLocal(f)]));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("ECONNREFUSED", "pod2", "pod2")));
        Apply(Service(f => [ToLocal(f), first]));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod2", "pod2", "pod2")));
    }

    [LoadTest]
    [Test]
    public void A_redirect_that_is_not_for_a_pod_does_not_leave_it_alone_either()
    {
        var forHost = new Redirect(new("default", "host:local-redirect"), [])
        {
            Clients = new() { AllPodsExcept = false },
            SkippedPods = [NameOf(Client)],
        };
        Apply(Service(f => [forHost, ToLocal(f)]));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod2", "pod2", "ECONNREFUSED")));
        Apply(Service(f => [forHost with { Clients = RedirectClients.Everybody }, ToLocal(f)]));
        Assert.That((From(Client), From(Original), From(Host)), Is.EqualTo(("pod3", "ECONNREFUSED", "ECONNREFUSED")));
    }

    [Test]
    public void A_pod_on_the_hosts_network_is_left_alone_by_its_cgroup_whatever_the_host_gets()
    {
        using var pod = new HostPod(_lab.CgroupPath);
        Apply(new ChangeSet([Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)] })], []) { Pods = [pod.Pod, PodOf(Client)] });
        Assert.That(From(Host), Is.EqualTo("pod2"));
        pod.Enter();
        Assert.That(From(Host), Is.EqualTo("pod3"));
    }

    [Test]
    public void A_connected_socket_of_a_pod_on_the_hosts_network_stays_where_its_cgroup_is_left_alone()
    {
        using var pod = new HostPod(_lab.CgroupPath);
        Apply(ServiceLab.Service(1, Original));
        using var ofHost = Connect(Host);
        pod.Enter();
        using var ofPod = Connect(Host);
        Apply(new ChangeSet([Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)] })], []) { Pods = [pod.Pod, PodOf(Client)] });
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        Assert.That(Ask(Host, ofPod), Is.EqualTo("pod3"));
        Assert.That(Ask(Host, ofHost), Is.Not.EqualTo("pod3"));
    }

    [Test]
    public void An_address_that_only_a_policy_serves_is_reached_itself_by_who_is_left_alone()
    {
        var address = new L4Address(PodNetwork.V4(Original), ServiceLab.BackendPort, L4Protocol.Tcp); // the real one answers there
        var frontend = new Frontend { Address = address, Type = FrontendType.LocalRedirect };
        frontend = frontend with { Redirects = [ToLocal(frontend) with { SkippedPods = [NameOf(Local)] }] };
        Apply(new DesiredService(s_policy, [frontend]));
        Assert.That(_lab.Pods[Client].Run(() => Dial.Tcp(address.Address, address.Port).ToString()), Is.EqualTo("pod2"));
        Assert.That(_lab.Pods[Local].Run(() => Dial.Tcp(address.Address, address.Port).ToString()), Is.EqualTo("pod3"));
        Assert.That(_lab.Datapath.Read().Single().FurtherSets.Single().Passes);
    }

    [LoadTest]
    [Test]
    public void What_differs_goes_on_over_a_restart_and_goes_with_the_redirect()
    {
        var service = Redirected(redirect => redirect with { SkippedPods = [NameOf(Local)] });
        Apply(service);
        var before = _lab.Datapath.Read();
        Assert.That(before.Select(static f => f.FurtherSets.Length), Is.All.EqualTo(1));
        _lab.Reopen();
        Assert.That(From(Local), Is.EqualTo("pod3"));
        Apply(service);
        Assert.That(Describe(_lab.Datapath.Read()), Is.EqualTo(Describe(before)));
        Apply(ServiceLab.Service(1, Original));
        Assert.That(_lab.Datapath.Read().Select(static f => f.FurtherSets.Length), Is.All.Zero);
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod3", "pod3")));
        Assert.That(PinnedDatapath.Read(_lab.Pins.Path).Select(static f => f.FurtherSets.Length), Is.All.Zero);
    }

    [LoadTest]
    [Test]
    public void Redirects_that_lead_their_clients_to_the_same_pods_go_on_over_a_restart([Values] bool isAnotherChanged)
    {
        Redirect For(Frontend frontend, int pod) => ToLocal(frontend) with
        {
            Policy = new("default", $"for-{pod}:local-redirect"),
            Clients = new() { HostProcesses = false, AllPodsExcept = false, Pods = [NameOf(pod)] },
        };

        Apply(Service(f => [For(f, Client), For(f, Local)]));
        _lab.Reopen();
        Apply(Service(f => isAnotherChanged ? [For(f, Local), For(f, Client), For(f, Original)] : [For(f, Client), For(f, Local)]));
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod2")));
        Assert.That((From(Original), From(Host)), Is.EqualTo((isAnotherChanged ? "pod2" : "pod3", "pod3")));
        Apply(Service(f => [For(f, Local)]));
        Assert.That((From(Client), From(Local), From(Original)), Is.EqualTo(("pod3", "pod2", "pod3")));
    }

    [LoadTest]
    [Test]
    public void A_redirect_waits_for_the_pod_that_it_must_leave_alone()
    {
        var service = Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)] });
        var nowhere = new LocalPod(NameOf(Local)) { Addresses = [IPAddress.Parse("10.244.200.200")] };
        var result = _lab.Datapath.Apply(new([service], []) { Pods = [nowhere] });
        Assert.That(result.Failures.Select(static f => f.IsTransient), Is.All.True);
        Assert.That(result.Failures.Select(static f => f.Reason), Is.All.Contains("10.244.200.200"));
        Assert.That(result.Failures.Select(static f => f.Policy), Is.All.EqualTo(s_policy));
        _ = _lab.Datapath.Apply(new([], []) { Pods = [PodOf(Client), PodOf(Local)] });
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod3")));
    }

    [LoadTest]
    [Test]
    public void A_redirect_is_not_in_force_while_a_pod_that_it_must_leave_alone_is_unknown()
    {
        var result = _lab.Datapath.Apply(new([Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)] })], []));
        Assert.That(result.Failures, Has.Length.EqualTo(4));
        Assert.That(result.Failures[0].Reason, Does.Contain("default/pod-2").And.Contains("not in force"));
        Assert.That(From(Client), Is.EqualTo("pod3"));
    }

    [LoadTest]
    [Test]
    public void A_redirect_that_refuses_dials_without_backends_refuses_them_while_its_pod_cannot_be_told_from_others([Values] bool isKnown)
    {
        var service = Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)], RefusesWithoutBackends = true });
        LocalPod[] pods = isKnown ? [PodOf(Local) with { IsHostNetwork = true, Uid = $"{Guid.NewGuid()}" }] : [];
        Assert.That(_lab.Datapath.Apply(new([service], []) { Pods = [.. pods] }).Failures.Select(static f => f.IsTransient), Is.Not.Empty.And.All.True);
        Assert.That((From(Client), From(Original)), Is.EqualTo(("ECONNREFUSED", "ECONNREFUSED")));
        _ = _lab.Datapath.Apply(new([], []) { Pods = [PodOf(Client), PodOf(Local)] });
        Assert.That((From(Client), From(Local)), Is.EqualTo(("pod2", "pod3")));
    }

    [Test]
    public void Connected_sockets_are_ended_where_the_redirect_leads_their_client_elsewhere_and_only_there()
    {
        Apply(ServiceLab.Service(1, Original));
        using var client = Connect(Client);
        Apply(Redirected(static redirect => redirect with { SkippedPods = [NameOf(Local)] }));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        Assert.That(Ask(Client, client), Is.Not.EqualTo("pod3"));
        using var again = Connect(Client);
        using var skipping = Connect(Local);
        Assert.That((Ask(Client, again), Ask(Local, skipping)), Is.EqualTo(("pod2", "pod3")));
        Apply(ServiceLab.Service(1, Original)); // both kinds go to the service now: who is there already stays
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        Assert.That(Ask(Local, skipping), Is.EqualTo("pod3"));
    }

    [Test]
    public void A_connected_socket_of_a_client_that_changes_sides_is_ended()
    {
        Apply(Redirected(static redirect => redirect with { Clients = new() { Pods = [NameOf(Original)] } }));
        using var client = Connect(Client);
        using var other = Connect(Original);
        Assert.That((Ask(Client, client), Ask(Original, other)), Is.EqualTo(("pod2", "pod3")));
        Apply(Redirected(static redirect => redirect with { Clients = new() { Pods = [NameOf(Client), NameOf(Original)] } }));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        Assert.That((Ask(Original, other), From(Client, SocketRow.Ipv4Socket, SocketUse.ConnectedUdp)), Is.EqualTo(("pod3", "pod3")));
        Assert.That(Ask(Client, client), Is.Not.EqualTo("pod2"));
    }

    [LoadTest]
    [Test]
    public void Dials_of_an_exempt_pod_are_left_alone_until_it_is_no_more()
    {
        Apply(new ChangeSet([ServiceLab.Service(1, Original)], []) { Pods = [PodOf(Client) with { IsExempt = true }] });
        Assert.That((From(Client), From(Local)), Is.EqualTo(("ENETUNREACH", "pod3")));
        _lab.Reopen();
        Assert.That(From(Client), Is.EqualTo("ENETUNREACH"), "also before anybody says so again");
        _ = _lab.Datapath.Apply(new([], []) { Pods = [PodOf(Client)] });
        Assert.That(From(Client), Is.EqualTo("pod3"));
    }

    [LoadTest]
    [Test]
    public void Cgroups_and_network_namespaces_of_the_options_are_left_alone_from_the_start()
    {
        Apply(ServiceLab.Service(1, Original));
        _lab.Datapath.Dispose();
        using (LinuxDatapath.Open(_lab.Options with { ExemptNetworkNamespaces = [$"/proc/self/fd/{_lab.Pods[Client].Handle.DangerousGetHandle()}"] }))
            Assert.That((From(Client), From(Local)), Is.EqualTo(("ENETUNREACH", "pod3")));
        using (LinuxDatapath.Open(_lab.Options with { ExemptCgroups = [_lab.CgroupPath] }))
            Assert.That((From(Client), From(Local)), Is.EqualTo(("ENETUNREACH", "ENETUNREACH")));
        using (var next = LinuxDatapath.Open(_lab.Options))
        {
            _ = next.Apply(ChangeSet.Empty);
            Assert.That((From(Client), From(Local)), Is.EqualTo(("pod3", "pod3")));
        }

        Assert.That(() => LinuxDatapath.Open(_lab.Options with { ExemptCgroups = ["/nowhere"] }), Throws.TypeOf<Linux.Cgroups.CgroupNotFoundException>());
    }

    [LoadTest]
    [Test]
    public void An_exempt_pod_that_is_not_found_is_told()
    {
        var result = _lab.Datapath.Apply(new([], []) { Pods = [new(NameOf(Client)) { IsExempt = true, Addresses = [IPAddress.Parse("10.244.200.200")] }] });
        Assert.That(result.PodFailures.Single().Pod, Is.EqualTo(NameOf(Client)));
        Assert.That(result.PodFailures.Single().Reason, Does.Contain("10.244.200.200"));
    }

    private static PodName NameOf(int pod) => new("default", $"pod-{pod}");

    private static LocalPod PodOf(int pod) => new(NameOf(pod)) { Addresses = [PodNetwork.V4(pod), PodNetwork.V6(pod)] };

    private static Redirect ToLocal(Frontend frontend) => new(
        s_policy, [new(new(frontend.Address.IsIPv4 ? PodNetwork.V4(Local) : PodNetwork.V6(Local), ServiceLab.BackendPort, frontend.Address.Protocol))]);

    private static DesiredService Service(Func<Frontend, ImmutableArray<Redirect>> redirects)
    {
        var service = ServiceLab.Service(1, Original);
        return service with { Frontends = [.. service.Frontends.Select(frontend => frontend with { Redirects = redirects(frontend) })] };
    }

    private static DesiredService Redirected(Func<Redirect, Redirect> change) => Service(frontend => [change(ToLocal(frontend))]);

    private static string[] Describe(IEnumerable<ProgrammedFrontend> frontends) =>
    [
        .. frontends.Select(static f => $"{f.Id} {f.Address} {string.Join(",", f.Backends)} {string.Join(";", f.FurtherSets.Select(static s => $"{s.Number} {string.Join(",", s.Backends)} {string.Join(",", s.Clients)}"))}"),
    ];

    private void Apply(DesiredService service) => Apply(new ChangeSet([service], []) { Pods = [PodOf(Client), PodOf(Local), PodOf(Original)] });

    private void Apply(ChangeSet changes) => Assert.That(_lab.Apply(changes).PodFailures, Is.Empty);

    private string From(int pod, SocketRow row = SocketRow.Ipv4Socket, SocketUse use = SocketUse.Tcp) => _lab.Pods[pod].Run(() =>
        Dial.AskBy(row, use, row.Name(ServiceLab.ServiceV4(), ServiceLab.ServiceV6(), ServiceLab.ServicePort)).Answer.ToString());

    private RawSocket Connect(int pod) => _lab.Pods[pod].Run(() =>
    {
        var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        return socket;
    });

    private string Ask(int pod, RawSocket socket) => _lab.Pods[pod].Run(() => Dial.Ask(socket).ToString());

    /// <summary>A pod on the host's network, with a cgroup.</summary>
    private sealed class HostPod : IDisposable
    {
        private readonly Linux.Cgroups.Cgroup _parent;
        private readonly Linux.Cgroups.Cgroup _cgroup;

        public HostPod(string parent)
        {
            var uid = Guid.NewGuid();
            _parent = Linux.Cgroups.Cgroup.Open(parent);
            _cgroup = _parent.CreateChild($"kubepods-pod{uid.ToString().Replace('-', '_')}.slice");
            Pod = new(NameOf(Local)) { Uid = uid.ToString(), IsHostNetwork = true, Addresses = [PodNetwork.V4(Local), PodNetwork.V6(Local)] };
        }

        public LocalPod Pod { get; }

        /// <summary>This process is in the pod from here on.</summary>
        public void Enter() => _cgroup.AddCurrentProcess();

        public void Dispose()
        {
            _parent.AddCurrentProcess();
            _cgroup.Delete();
        }
    }
}
