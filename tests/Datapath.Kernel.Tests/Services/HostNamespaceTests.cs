using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A datapath for the host's own programs alone. The host is pod 1, and pod 2 is a pod.</summary>
[TestFixture]
[LoadTest]
internal sealed class HostNamespaceTests
{
    private ServiceLab _lab = null!;
    private LinuxDatapath? _next;

    [SetUp]
    public void StartLab()
    {
        _next = null;
        _lab = new(3, static options => options with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true, hostPod: 1);
        _ = _lab.Apply(ServiceLab.Service(1, 3));
    }

    [TearDown]
    public void StopLab()
    {
        _next?.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void Only_the_host_is_served()
    {
        Restart(isHostOnly: true);
        AssertAll(client: 1, "pod3");
        AssertAll(client: 2, nameof(Errno.ENETUNREACH));
        Restart(isHostOnly: false);
        AssertAll(client: 2, "pod3");
    }

    [Test]
    public void The_status_says_who_is_served()
    {
        Assert.That(_lab.Datapath.GetStatus().IsHostNamespaceOnly, Is.False);
        Restart(isHostOnly: true);
        Assert.That(_next!.GetStatus().IsHostNamespaceOnly, Is.True);
    }

    [Test]
    public void A_connection_of_a_pod_from_before_goes_on_and_only_those_of_the_host_are_ended()
    {
        using var pod = _lab.Pods[2].Run(Connect);
        Restart(isHostOnly: true);
        using var host = _lab.Pods[1].Run(Connect);
        using var scans = new ScanLog(_next!);
        Assert.That(_next!.Apply(new([ServiceLab.Service(1, 4)], [])).Failures, Is.Empty);
        var scan = scans.Next();
        Assert.That((scan.Namespaces, scan.Udp), Is.EqualTo((1, 1)));
        Assert.That(host.ReceiveFrom().Errno, Is.EqualTo(Errno.ECONNABORTED));
        Assert.That(Dial.Ask(pod).Pod, Is.EqualTo("pod3"));
        Assert.That(pod.PeerName().ToString(), Is.EqualTo($"{ServiceLab.ServiceV4()}:{ServiceLab.ServicePort}"));
    }

    private void AssertAll(int client, string expected) => _lab.Pods[client].Run(() =>
    {
        foreach (var row in Enum.GetValues<SocketRow>())
        {
            foreach (var use in Enum.GetValues<SocketUse>().Where(use => Dial.IsPossible(row, use)))
            {
                var service = row.Name(ServiceLab.ServiceV4(), ServiceLab.ServiceV6(), ServiceLab.ServicePort);
                Assert.That(Dial.AskBy(row, use, service).Answer.ToString(), Is.EqualTo(expected), $"{row}, {use}");
            }
        }
    });

    private static RawSocket Connect()
    {
        var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod3"));
        return socket;
    }

    private void Restart(bool isHostOnly)
    {
        (_next ?? _lab.Datapath).Dispose();
        _next = LinuxDatapath.Open(_lab.Options with { HostNamespaceOnly = isHostOnly });
        Assert.That(_next.Replace(ServiceLab.State(ServiceLab.Service(1, 3))).Failures, Is.Empty);
    }
}
