using System.Diagnostics;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services.Monitoring;

/// <summary>Who dialed has a name: the pod if it is known, otherwise where it is.</summary>
[TestFixture]
[LoadTest]
internal sealed class ClientNameTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 1, static options => options, havePodsNames: true);
        _ = _lab.Apply(ServiceLab.Service(1));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private string CgroupName => Path.GetFileName(_lab.CgroupPath);

    private string? NameInPod(DialMonitorOptions? options = null)
    {
        using var log = new DialLog(_lab, options);
        _lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));
        return log.Take().Single().Client;
    }

    [Test]
    public void A_process_elsewhere_has_the_name_of_its_cgroup_and_that_of_its_network_namespace() =>
        Assert.That(NameInPod(), Is.EqualTo($"{CgroupName}@datapath-test-{Environment.ProcessId}-{_lab.Pods[1].Inode}"));

    [Test]
    public void A_namespace_without_a_name_has_that_of_a_process_inside()
    {
        using var nameless = new ServiceLab(servers: 0);
        _ = nameless.Apply(ServiceLab.Service(1));
        using var inside = nameless.Pods[1].Run(static () => Process.Start("sleep", "60")); // it begins in the namespace of the thread that starts it
        try
        {
            using var log = new DialLog(nameless);
            nameless.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));
            Assert.That(log.Take().Single().Client, Is.EqualTo($"{Path.GetFileName(nameless.CgroupPath)}@pid {inside.Id}"));
        }
        finally
        {
            inside.Kill();
            inside.WaitForExit();
        }
    }

    [Test]
    public void A_process_in_the_namespace_of_the_listener_has_the_name_of_its_cgroup()
    {
        using var log = new DialLog(_lab);
        _ = Dial.Tcp(ServiceLab.ServiceV4());
        Assert.That(log.Take().Single().Client, Is.EqualTo(CgroupName));
    }

    [Test]
    public void A_process_in_the_cgroup_of_a_pod_has_the_name_of_the_pod()
    {
        var own = Cgroup.Open(_lab.CgroupPath);
        var pods = own.CreateChild("kubepods");
        var pod = pods.CreateChild("pod1f-2e");
        try
        {
            pod.AddCurrentProcess();
            Assert.That(NameInPod(new() { PodNames = static uid => uid == "1f-2e" ? new PodName("shop", "cart") : null }), Is.EqualTo("shop/cart"));
            Assert.That(NameInPod(), Does.StartWith("pod1f-2e@"), "nobody knows the UID");
        }
        finally
        {
            own.AddCurrentProcess();
            pod.Delete();
            pods.Delete();
        }
    }

    [Test]
    public void Who_knows_the_client_comes_first()
    {
        var names = new FixedName();
        _lab.Datapath.PodNames = names;
        Assert.That(NameInPod(), Is.EqualTo("shop/cart"));
        Assert.That(names.Asked, Is.EqualTo((_lab.Pods[1].Cookie, Cgroup.Open(_lab.CgroupPath).Id)));
    }

    private sealed class FixedName : IClientNames
    {
        public (ulong Netns, ulong Cgroup) Asked { get; private set; }

        public string? NameOf(ulong netnsCookie, ulong cgroupId)
        {
            Asked = (netnsCookie, cgroupId);
            return "shop/cart";
        }
    }
}
