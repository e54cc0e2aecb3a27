using System.Collections.Immutable;
using Datapath.Kernel.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Services;

/// <summary>
/// While objects change no dial fails, and none that begins later reaches a pod that is wrong since. Pods 1 and 5 dial; pod 3 is the service, pod 4 its other
/// backend or another service, pod 2 where redirects lead.
/// </summary>
[TestFixture]
[LoadTest]
internal sealed class MakeBeforeBreakTests
{
    private const int Client = 1;
    private const int Local = 2;
    private const int Original = 3;
    private const int Other = 4;
    private const int OtherClient = 5;
    private const string Node = "node";
    private const int Rounds = 2;
    private const int DialsForEachChange = 40;
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(4); // of four threads: a thousand dials a second

    private ServiceLab _lab = null!;
    private PolicyCompiler _compiler = null!;
    private AnswerRules _rules = null!;
    private DialTally _tally = null!;
    private CheckedDialer[] _dialers = null!;

    [SetUp]
    public void StartDials()
    {
        _lab = new(servers: 4, static options => options, havePodsNames: true);
        _compiler = new(new() { Name = Node });
        (_rules, _tally, _dialers) = (new(s_grace), new(), []);
        KubernetesObject[] pods = [.. Enumerable.Range(1, 5).Select(static pod => Pod(pod))];
        Change(ObjectBatch.Upsert([.. pods, .. Service("web", Original), Pod(Local, app: "cache")]), static _ => [Original]);
        _dialers =
        [
            Dialer(Client, SocketRow.Ipv4Socket, SocketUse.Tcp), Dialer(Client, SocketRow.Ipv6Socket, SocketUse.ConnectedUdp),
            Dialer(OtherClient, SocketRow.Ipv4Socket, SocketUse.Tcp), Dialer(OtherClient, SocketRow.Ipv6Socket, SocketUse.Datagram),
        ];
        WaitForDials();
    }

    [TearDown]
    public void StopDials()
    {
        foreach (var dialer in _dialers)
            dialer.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void A_policy_is_edited()
    {
        Upsert(Pod(Other, app: "proxy"), Original);
        for (var round = 0; round < Rounds; round++)
        {
            Upsert(Redirect().Build(), Local);
            Upsert(Redirect("app=proxy").Build(), Other);
            Upsert(Redirect("app in (proxy,cache)").Build(), Local, Other);
        }

        AssertNoneWrong();
    }

    [Test]
    public void The_only_local_backend_becomes_ready_and_unready()
    {
        Upsert(Redirect().Build(), Local);
        for (var round = 0; round < Rounds; round++)
        {
            Upsert(Pod(Local, app: "cache", isReady: false), Original);
            Upsert(Pod(Local, app: "cache"), Local);
        }

        AssertNoneWrong();
    }

    [Test]
    public void A_pod_takes_the_place_of_another()
    {
        Upsert(Redirect().Build(), Local);
        for (var round = 0; round < Rounds; round++)
        {
            Change(new([Pod(Other, app: "cache")], [Pod(Local).Key], []), static _ => [Other]);
            Change(new([Pod(Local, app: "cache")], [Pod(Other).Key], []), static _ => [Local]);
        }

        AssertNoneWrong();
    }

    [Test]
    public void A_policy_is_deleted_and_created_again_in_one_step_and_in_two()
    {
        var policy = Redirect().Build();
        Upsert(policy, Local);
        for (var round = 0; round < Rounds; round++)
        {
            Change(new([policy], [policy.Key], []), static _ => [Local]);
            Change(ObjectBatch.Delete(policy.Key), static _ => [Original]);
            Upsert(policy, Local);
        }

        AssertNoneWrong();
    }

    [Test]
    public void A_service_is_deleted_and_created_again_and_its_address_passes_to_another()
    {
        var (web, shop) = (Service("web", Original), Service("shop", Other));
        for (var round = 0; round < Rounds; round++)
        {
            Change(new(Service("web", Other), KeysOf(web), []), static _ => [Other]);
            Change(new(web, KeysOf(web), []), static _ => [Original]);
            Change(new(shop, KeysOf(web), []), static _ => [Other]);
            Change(new(web, KeysOf(shop), []), static _ => [Original]);
        }

        AssertNoneWrong();
    }

    [Test]
    public void The_clients_of_a_policy_change()
    {
        for (var round = 0; round < Rounds; round++)
        {
            Change(ObjectBatch.Upsert(For("role=client-1")), static pod => [pod == Client ? Local : Original]);
            Change(ObjectBatch.Upsert(For("role in (client-1,client-5)")), static _ => [Local]);
            Change(ObjectBatch.Upsert(For("role=client-5")), static pod => [pod == OtherClient ? Local : Original]);
        }

        AssertNoneWrong();
    }

    [Test]
    public void A_pod_becomes_one_of_those_that_a_policy_leaves_alone()
    {
        Upsert(Redirect().SkipFromBackend().Build(), Local);
        for (var round = 0; round < Rounds; round++)
        {
            Change(ObjectBatch.Upsert(Pod(OtherClient, app: "cache")), static pod => pod == OtherClient ? [Original] : [Local, OtherClient]);
            Upsert(Pod(OtherClient), Local);
        }

        AssertNoneWrong();
    }

    private static Pod Pod(int number, string app = "none", bool isReady = true) => new PodBuilder("default", $"pod-{number}")
        .Label("app", app).Label("role", $"client-{number}").OnNode(Node).Ready(isReady)
        .Address(PodNetwork.V4(number).ToString()).Address(PodNetwork.V6(number).ToString())
        .Build();

    private static ImmutableArray<KubernetesObject> Service(string name, int pod) => new ServiceBuilder("default", name)
        .ClusterIP(ServiceLab.ServiceV4().ToString(), ServiceLab.ServiceV6().ToString())
        .Port(ServiceLab.ServicePort, ServiceLab.BackendPort, L4Protocol.Tcp, "tcp").Port(ServiceLab.ServicePort, ServiceLab.BackendPort, L4Protocol.Udp, "udp")
        .Backend(PodNetwork.V4(pod).ToString()).Backend(PodNetwork.V6(pod).ToString())
        .Build();

    private static RedirectBuilder Redirect(string selector = "app=cache") => new RedirectBuilder("local", "default", selector)
        .Service("default", "web")
        .ToPort(ServiceLab.BackendPort, L4Protocol.Tcp, "tcp").ToPort(ServiceLab.BackendPort, L4Protocol.Udp, "udp");

    private static ClusterLocalRedirectPolicy For(string clients)
    {
        Assert.That(LabelSelector.TryParse(clients, out var selector), Is.True);
        return Redirect().With(policy => policy with { ClientSelector = new() { Include = [new() { Pods = selector }] } }).Build();
    }

    private static ImmutableArray<ObjectKey> KeysOf(ImmutableArray<KubernetesObject> objects) => [.. objects.Select(static item => item.Key)];

    private CheckedDialer Dialer(int pod, SocketRow row, SocketUse use)
    {
        var address = row is SocketRow.Ipv4Socket ? ServiceLab.ServiceV4() : ServiceLab.ServiceV6();
        var kind = new DialKind(pod, new(address, ServiceLab.ServicePort, use is SocketUse.Tcp ? L4Protocol.Tcp : L4Protocol.Udp));
        return new(_lab.Pods[pod], s_pause, () => CheckedDialer.Dial(_rules, _tally, kind, row, use));
    }

    private void Upsert(KubernetesObject item, params int[] pods) => Change(ObjectBatch.Upsert(item), _ => pods);

    private void Change(ObjectBatch batch, Func<int, int[]> podsOf)
    {
        var changes = _compiler.Apply(batch).Changes;
        _rules.Change(kind => [.. podsOf(kind.Pod).Select(static pod => $"pod{pod}")], () => _ = _lab.Apply(changes));
        if (_dialers.Length > 0)
            WaitForDials();
    }

    private void WaitForDials() => Eventually.True(() => _rules.Settled > DialsForEachChange, "dials go on");

    private void AssertNoneWrong()
    {
        foreach (var dialer in _dialers)
            dialer.Stop();
        TestContext.Out.WriteLine($"{_tally.Dials} dials, {_tally.Ended} ended: {string.Join(", ", _tally.Answers)}");
        Assert.That(_tally.Wrongs, Is.Empty);
        Assert.That(_tally.Wrong, Is.Zero);
    }
}
