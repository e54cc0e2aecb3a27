using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>TCP connections whose backend has left their frontend, by what the options say of them.</summary>
[TestFixture(false)]
[TestFixture(true, Category = "Load")] // in virtual machines each kernel is tried by its own way
[LoadTest]
internal sealed class StaleTcpTests(bool isByNetlink)
{
    [TestCase(StaleTcpPolicy.WhenBackendIsGone, true)]
    [TestCase(StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, false)]
    public void A_connection_to_a_backend_that_no_frontend_has_is_ended_unless_never(StaleTcpPolicy policy, bool isEnded) =>
        AssertConnection(policy, isEnded, static lab => lab.Apply(ServiceLab.Service(1, 2)));

    [TestCase(StaleTcpPolicy.WhenBackendIsGone, false)]
    [TestCase(StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, false)]
    public void A_connection_to_a_backend_that_another_frontend_keeps_is_ended_only_if_always(StaleTcpPolicy policy, bool isEnded) => AssertConnection(policy, isEnded, static lab =>
    {
        _ = lab.Apply(ServiceLab.Service(2, 1));
        _ = lab.Apply(ServiceLab.Service(1, 2));
    });

    [TestCase(StaleTcpPolicy.WhenBackendIsGone, true)]
    [TestCase(StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, false)]
    public void A_connection_to_a_backend_that_the_last_frontend_loses_later_is_ended_then(StaleTcpPolicy policy, bool isEnded) => AssertConnection(policy, isEnded, static lab =>
    {
        _ = lab.Apply(ServiceLab.Service(2, 1));
        _ = lab.Apply(ServiceLab.Service(1, 2));
        _ = lab.Apply(ServiceLab.Service(2, 2));
    });

    [TestCase(StaleTcpPolicy.WhenBackendIsGone, false)]
    [TestCase(StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, false)]
    public void A_connection_to_a_backend_that_is_not_ready_is_ended_only_if_always(StaleTcpPolicy policy, bool isEnded) => AssertConnection(policy, isEnded, static lab =>
    {
        var service = ServiceLab.Service(1, 2, 1);
        _ = lab.Apply(service with
        {
            Frontends = [.. service.Frontends.Select(static f => f with { Backends = [f.Backends[0], f.Backends[1] with { State = BackendState.Maintenance }], UsableCount = 1 })],
        });
    });

    [TestCase(StaleTcpPolicy.Never, StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Always, StaleTcpPolicy.Never, false)]
    public void What_the_service_says_counts_more_than_the_options(StaleTcpPolicy configured, StaleTcpPolicy own, bool isEnded)
    {
        AssertConnection(configured, isEnded, Keep, own);
        AssertConnection(configured, isEnded, static lab => lab.Remove(1), own);

        // Said together with the change, and before it.
        AssertConnection(configured, isEnded, lab => lab.Apply(Saying(ServiceLab.Service(1, 2), own)));
        AssertConnection(configured, isEnded, lab =>
        {
            _ = lab.Apply(Saying(ServiceLab.Service(1, 1), own));
            _ = lab.Apply(Saying(ServiceLab.Service(1, 2), own));
        });

        void Keep(ServiceLab lab)
        {
            _ = lab.Apply(ServiceLab.Service(2, 1));
            _ = lab.Apply(Saying(ServiceLab.Service(1, 2), own));
        }
    }

    [Test]
    public void A_connection_whose_backend_another_service_has_on_its_way_out_is_ended_if_always() => AssertConnection(StaleTcpPolicy.Always, isEnded: true, static lab =>
    {
        var other = ServiceLab.Service(2, 2, 1);
        _ = lab.Apply(other with
        {
            Frontends = [.. other.Frontends.Select(static f => f with { Backends = [f.Backends[0], f.Backends[1] with { State = BackendState.Terminating }], UsableCount = 1 })],
        });
        _ = lab.Apply(ServiceLab.Service(1, 2));
    });

    [TestCase(StaleTcpPolicy.WhenBackendIsGone, StaleTcpPolicy.Never, false)]
    [TestCase(StaleTcpPolicy.WhenBackendIsGone, StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.Never, StaleTcpPolicy.WhenBackendIsGone, true)]
    public void What_the_service_says_after_its_backend_has_left_counts_too(StaleTcpPolicy configured, StaleTcpPolicy later, bool isEnded) => AssertConnection(configured, isEnded, lab =>
    {
        using var scans = new ScanLog(lab.Datapath);
        var keeps = later is not StaleTcpPolicy.WhenBackendIsGone;
        if (keeps)
            _ = lab.Apply(ServiceLab.Service(2, 1)); // so that the backend is not gone yet
        _ = lab.Apply(ServiceLab.Service(1, 2));
        _ = lab.Apply(Saying(ServiceLab.Service(1, 2), later));
        if (keeps && !isEnded)
            _ = lab.Remove(2);
        if (configured is StaleTcpPolicy.Never)
            Assert.That(scans.Next().Tcp, Is.EqualTo(3), "those that were led there are asked for");
    });

    [TestCase(StaleTcpPolicy.Never, StaleTcpPolicy.Always, true)]
    [TestCase(StaleTcpPolicy.WhenBackendIsGone, StaleTcpPolicy.Never, false)]
    public void What_a_service_said_that_goes_while_no_manager_runs_counts(StaleTcpPolicy configured, StaleTcpPolicy own, bool isEnded) => AssertConnection(
        configured,
        isEnded,
        static lab =>
        {
            lab.Reopen();
            Assert.That(lab.Datapath.Replace(DesiredState.Empty).Failures, Is.Empty);
        },
        own,
        DatapathLifetime.Pinned);

    // The client is pod 3. Pod 1 has no server of the lab's: one that takes connections and says nothing.
    private void AssertConnection(StaleTcpPolicy policy, bool isEnded, Action<ServiceLab> change, StaleTcpPolicy? own = null, DatapathLifetime lifetime = DatapathLifetime.Process)
    {
        using var lab = new ServiceLab(servers: 2, options => options with { StaleTcp = policy, EndsSocketsByNetlink = isByNetlink, Lifetime = lifetime }, havePodsNames: true);
        using var server4 = lab.Pods[1].Run(() => Listen(IPAddress.Any));
        using var server6 = lab.Pods[1].Run(() => Listen(IPAddress.IPv6Any));
        _ = lab.Apply(Saying(ServiceLab.Service(1, 1), own));
        lab.Pods[3].Run(() =>
        {
            using var ipv4 = Connect(ServiceLab.ServiceV4());
            using var ipv6 = Connect(ServiceLab.ServiceV6());
            using var mapped = Connect(ServiceLab.ServiceV4().MapToIPv6());
            using var direct = Connect(PodNetwork.V4(1), ServiceLab.BackendPort);
            change(lab);
            lab.Datapath.Dispose(); // waits for the scan
            var expected = isEnded ? Errno.ECONNABORTED : Errno.None;
            Assert.That(ipv4.Send("x"u8), Is.EqualTo(expected));
            Assert.That(ipv6.Send("x"u8), Is.EqualTo(expected));
            Assert.That(mapped.Send("x"u8), Is.EqualTo(expected));
            Assert.That(direct.Send("x"u8), Is.EqualTo(Errno.None), "without a service");
        });
    }

    private static DesiredService Saying(DesiredService service, StaleTcpPolicy? policy) =>
        service with { Frontends = [.. service.Frontends.Select(frontend => frontend with { StaleTcp = policy })] };

    private static Socket Listen(IPAddress any)
    {
        var server = new Socket(any.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (any.AddressFamily is AddressFamily.InterNetworkV6)
            server.DualMode = false;
        server.Bind(new IPEndPoint(any, ServiceLab.BackendPort));
        server.Listen();
        return server;
    }

    private static RawSocket Connect(IPAddress address, int port = ServiceLab.ServicePort)
    {
        var socket = new RawSocket(address.AddressFamily, SocketType.Stream);
        Assert.That(socket.Connect(SocketName.Of(address, port)), Is.EqualTo(Errno.None));
        return socket;
    }
}
