using System.Buffers.Binary;
using System.Net;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>
/// A datapath beside others who attach to the same cgroup or to one above or below it: the kernel runs the programs of the inner cgroup first, and those of
/// one cgroup in the order in which they were attached. Each sees what the one before it made of the dial.
/// </summary>
[TestFixture]
[LoadTest]
internal sealed class CoexistenceTests
{
    private static readonly IPAddress s_nowhere = IPAddress.Parse("198.51.100.7");
    private ServiceLab _lab = null!;
    private Cgroup _outer = null!;
    private Cgroup _inner = null!;
    private LinuxDatapath _ours = null!;

    /// <summary>Where the other one is.</summary>
    public enum Other
    {
        Below,
        Beside,
        Above,
    }

    [SetUp]
    public void StartLab()
    {
        _lab = new(3);
        _lab.Datapath.Dispose();
        _outer = Cgroup.Open(_lab.CgroupPath);
        _inner = _outer.CreateChild("inner");
        _inner.AddCurrentProcess();
    }

    [TearDown]
    public void StopLab()
    {
        _ours?.Dispose();
        _outer.AddCurrentProcess();
        _inner.Delete();
        _lab.Dispose();
    }

    [Test]
    public void A_dial_that_another_program_refuses_fails_as_long_as_it_is_there([Values] Other where)
    {
        var cgroup = Open(where, ServiceLab.Service(1, 3));
        _lab.Pods[1].Run(() =>
        {
            using (var refuse = TestPrograms.Refuse())
            using (CgroupLink.Attach(refuse, cgroup))
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.EPERM));
            Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3"));
        });
    }

    [Test]
    public void A_dial_without_backends_is_refused_as_ever_beside_a_program_that_lets_it_pass([Values] Other where)
    {
        var cgroup = Open(where, ServiceLab.Service(1));
        using var proceed = TestPrograms.Proceed();
        using var link = CgroupLink.Attach(proceed, cgroup);
        _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.ECONNREFUSED)));
    }

    [Test]
    public void A_dial_that_a_program_below_leads_to_a_service_reaches_the_service()
    {
        var cgroup = Open(Other.Below, ServiceLab.Service(1, 3));
        using var rewrite = RewriteTo(ServiceLab.ServiceV4());
        using var link = CgroupLink.Attach(rewrite, cgroup);
        _lab.Pods[1].Run(() => Assert.That(Ask(SocketUse.Tcp, s_nowhere), Is.EqualTo(("pod3", "10.96.0.1:80"))));
    }

    // The socket is not where it was led to, so it is told where it is.
    [Test]
    public void A_dial_that_a_later_program_leads_elsewhere_goes_there([Values(Other.Beside, Other.Above)] Other where)
    {
        var cgroup = Open(where, ServiceLab.Service(1, 3));
        using var rewrite = RewriteTo(PodNetwork.V4(4));
        using var link = CgroupLink.Attach(rewrite, cgroup);
        _lab.Pods[1].Run(() =>
        {
            Assert.That(Ask(SocketUse.Tcp, ServiceLab.ServiceV4()), Is.EqualTo(("pod4", "10.244.0.4:8080")));
            Assert.That(Ask(SocketUse.ConnectedUdp, ServiceLab.ServiceV4()), Is.EqualTo(("pod4", "10.244.0.4:8080")));
        });
    }

    [Test]
    public void A_second_datapath_serves_its_own_services([Values] Other where)
    {
        using var pins = new TestPins();
        using var other = OpenBoth(where, pins, ServiceLab.Service(1, 3), ServiceLab.Service(2, 4));
        AssertAll(1, "pod3", "10.96.0.1:80");
        AssertAll(2, "pod4", "10.96.0.2:80");
    }

    [Test]
    public void Of_two_datapaths_with_the_same_service_the_inner_or_the_first_serves_it_and_the_other_after_it([Values] Other where)
    {
        using var pins = new TestPins();
        using var other = OpenBoth(where, pins, ServiceLab.Service(1, 3), ServiceLab.Service(1, 4));
        var isOther = where is Other.Below;
        AssertAll(1, isOther ? "pod4" : "pod3", "10.96.0.1:80");
        if (isOther)
        {
            other.Dispose();
            Assert.That(PinnedDatapath.Uninstall(pins.Path), Is.True);
        }
        else
        {
            _ours.Dispose();
        }

        AssertAll(1, isOther ? "pod3" : "pod4", "10.96.0.1:80");
    }

    // Names are given back in the order of the dial, so the outer one's is the last: it does not know the address that was dialed.
    [Test]
    public void A_service_that_leads_to_a_service_of_an_outer_datapath_reaches_it_and_has_its_name()
    {
        using var pins = new TestPins();
        var leading = ServiceLab.Service(1);
        leading = leading with
        {
            Frontends = [.. leading.Frontends.Select(static frontend => frontend with
            {
                Backends = [new(new(frontend.Address.IsIPv4 ? ServiceLab.ServiceV4(2) : ServiceLab.ServiceV6(2), ServiceLab.ServicePort, frontend.Address.Protocol))],
                UsableCount = 1,
            })],
        };
        using var other = OpenBoth(Other.Above, pins, leading, ServiceLab.Service(2, 4));
        AssertAll(1, "pod4", "10.96.0.2:80");
    }

    /// <summary>Opens the datapath so that the other one, whose cgroup it tells, is where it is to be.</summary>
    private Cgroup Open(Other where, DesiredService service)
    {
        _ours = LinuxDatapath.Open(_lab.Options with { CgroupRoot = (where is Other.Below ? _outer : _inner).Path });
        Assert.That(_ours.Apply(new([service], [])).Failures, Is.Empty);
        return where is Other.Above ? _outer : _inner;
    }

    private LinuxDatapath OpenBoth(Other where, TestPins pins, DesiredService ours, DesiredService others)
    {
        var cgroup = Open(where, ours);
        var other = LinuxDatapath.Open(_lab.Options with { CgroupRoot = cgroup.Path, BpfRoot = pins.Path, Lifetime = DatapathLifetime.Pinned });
        Assert.That(other.Apply(new([others], [])).Failures, Is.Empty);
        return other;
    }

    private void AssertAll(int service, string pod, string peer) => _lab.Pods[1].Run(() =>
    {
        foreach (var use in Enum.GetValues<SocketUse>())
            Assert.That(Ask(use, ServiceLab.ServiceV4(service)), Is.EqualTo((pod, peer)), $"{use}");
    });

    private static (string, string) Ask(SocketUse use, IPAddress address)
    {
        var (answer, peer) = Dial.AskBy(SocketRow.Ipv4Socket, use, SocketName.Of(address, ServiceLab.ServicePort));
        return (answer.ToString(), peer);
    }

    /// <summary>Leads every connect of IPv4 to an address, and leaves the port: r2 = address; context.user_ip4 = r2; return 1.</summary>
    private static BpfProgram RewriteTo(IPAddress address)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(address.GetAddressBytes());
        return TestPrograms.Load("rewrite", AttachType.CgroupInet4Connect, 0x2b4 | ((ulong)word << 32), 0x4_2163, 0x1_000000b7, 0x95);
    }
}
