using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Who is one client on the host, and how many clients are kept in mind. The host is pod 1.</summary>
[TestFixture]
[LoadTest]
internal sealed class AffinityOptionTests
{
    private const int Many = 24;
    private const string OwnNetwork = "/proc/thread-self/ns/net";

    private ServiceLab _lab = null!;
    private StickyClients? _clients;

    [SetUp]
    public void StartLab() => _lab = new(servers: 2, DatapathLifetime.Pinned);

    [TearDown]
    public void StopLab()
    {
        _clients?.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void Processes_of_the_host_are_one_client_by_default() => _lab.Pods[1].Run(() =>
    {
        Open(static options => options with { HostNetworkNamespace = OwnNetwork });
        var pod = PodOf();
        InCgroup("other", () => Assert.That(PodOf(), Is.EqualTo(pod)));
        Assert.That(_clients!.Entries, Has.Count.EqualTo(1));
    });

    [Test]
    public void By_cgroup_they_are_several_clients_each_with_its_backend() => _lab.Pods[1].Run(() =>
    {
        Open(static options => options with { HostNetworkNamespace = OwnNetwork, AffinityByCgroup = true });
        var pods = new HashSet<string>();
        var pod = PodOf();
        for (var i = 0; i < Many; i++)
            InCgroup($"other{i}", () => pods.Add(PodOf()));
        Assert.That(pods, Has.Count.EqualTo(2), "each chose for itself");
        Assert.That(PodOf(), Is.EqualTo(pod));
        Assert.That(_clients!.Entries, Has.Count.EqualTo(Many + 1));
    });

    [Test]
    public void By_cgroup_a_pod_with_a_network_of_its_own_stays_one_client() => _lab.Pods[1].Run(() =>
    {
        Open(static options => options with { HostNetworkNamespace = "/proc/self/ns/net", AffinityByCgroup = true });
        var pod = PodOf();
        InCgroup("other", () => Assert.That(PodOf(), Is.EqualTo(pod)));
        Assert.That(_clients!.Entries, Has.Count.EqualTo(1));
    });

    [Test]
    public void The_status_tells_how_many_clients_stay_of_how_many() => _lab.Pods[1].Run(() =>
    {
        Open(static options => options with { MaxStickyClients = 512 });
        Assert.That(_lab.Datapath.GetStatus().StickyClients, Is.Zero);
        _ = PodOf();
        Assert.That(_lab.Datapath.GetStatus().StickyClients, Is.EqualTo(1));
        Assert.That(_lab.Datapath.GetStatus().MaxStickyClients, Is.EqualTo(512));
    });

    [Test]
    public void When_there_are_more_clients_than_fit_the_dials_work_all_the_same() => _lab.Pods[1].Run(() =>
    {
        Open(static options => options with { MaxStickyClients = 1 });
        _ = _lab.Apply([.. Enumerable.Range(1, Many).Select(static number => StickyClients.Of(ServiceLab.Service(number, 2, 3)))]);
        for (var number = 1; number <= Many; number++)
            Assert.That(Dial.Tcp(ServiceLab.ServiceV4(number)).Pod, Is.AnyOf("pod2", "pod3"));
        Assert.That(_lab.Datapath.GetStatus().StickyClients, Is.LessThan(Many));
    });

    [TestCase(0)]
    [TestCase((1 << 24) + 1)]
    public void A_number_of_clients_that_cannot_be_is_refused(int number) => Assert.That(
        () => LinuxDatapath.Open(_lab.Options with { MaxStickyClients = number }),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"{nameof(LinuxDatapathOptions.MaxStickyClients)}"));

    /// <summary>A new datapath with a sticky service; of the calling thread's network namespace if so said.</summary>
    private void Open(Func<LinuxDatapathOptions, LinuxDatapathOptions> configure)
    {
        _lab.Datapath.Dispose();
        _ = PinnedDatapath.Uninstall(_lab.Pins.Path); // the sizes may be others
        _lab.Reopen(configure);
        _clients = new(_lab);
        _ = _lab.Apply(StickyClients.Of(ServiceLab.Service(1, 2, 3)));
    }

    private void InCgroup(string name, Action action)
    {
        var lab = Cgroup.Open(_lab.CgroupPath);
        var cgroup = lab.CreateChild(name);
        cgroup.AddCurrentProcess();
        try
        {
            action();
        }
        finally
        {
            lab.AddCurrentProcess();
            cgroup.Delete();
        }
    }

    private static string PodOf()
    {
        var pods = Enumerable.Range(0, Many).Select(static _ => Dial.Tcp(ServiceLab.ServiceV4()).ToString()).Distinct().ToArray();
        Assert.That(pods, Has.Length.EqualTo(1));
        return pods[0];
    }
}
