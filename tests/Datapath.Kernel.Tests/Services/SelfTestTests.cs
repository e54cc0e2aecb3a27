using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>The engine tries out whether it is effective.</summary>
[TestFixture]
[LoadTest]
internal sealed class SelfTestTests
{
    private ServiceLab? _lab;

    [TearDown]
    public void StopLab()
    {
        _lab?.Dispose();
        _lab = null;
    }

    [TestCase(NoBackendReply.Refuse)]
    [TestCase(NoBackendReply.Unreachable)]
    public void Where_the_programs_see_dials_it_passes_and_leaves_nothing(NoBackendReply noBackend)
    {
        _lab = new(noBackend: noBackend);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var before = _lab.Datapath.Read().Length;
        Assert.That(_lab.Datapath.SelfTest().ToString(), Is.EqualTo("effective"));
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(before));
        Assert.That(_lab.Datapath.SelfTest().ToString(), Is.EqualTo("effective"), "the second time");
    }

    [Test]
    public void Programs_that_are_attached_no_more_are_told()
    {
        _lab = new(lifetime: DatapathLifetime.Pinned);
        using (var link = BpfLink.OpenPinned(Path.Combine(PinFolder.LinksOf(_lab.Options.BpfRoot), "dp_connect4")))
            link.Detach();
        var result = _lab.Datapath.SelfTest();
        Assert.That(result.IsEffective, Is.False);
        Assert.That(result.ToString(), Does.StartWith("attached but not effective: "));
    }

    [Test]
    public void A_process_outside_cannot_dial_and_says_so()
    {
        _lab = new();
        var inside = Cgroup.Open(_lab.CgroupPath);
        var outside = Cgroup.Open(Path.GetDirectoryName(_lab.CgroupPath)!);
        outside.AddCurrentProcess();
        try
        {
            var result = _lab.Datapath.SelfTest();
            Assert.That(result.IsEffective, Is.Null);
            Assert.That(result.Reasons.Single(), Does.Match($"^this process, in cgroup '/.*', is not below '{inside.Path}' and cannot dial$"));
        }
        finally
        {
            inside.AddCurrentProcess();
        }
    }

    [Test]
    public void A_service_at_the_address_of_the_self_test_is_left_alone()
    {
        _lab = new();
        var taken = new DesiredService(ServiceLab.Name(1), [new() { Address = ProbeDial.IPv4, Backends = [], UsableCount = 0 }]);
        _ = _lab.Apply(taken);
        var result = _lab.Datapath.SelfTest();
        Assert.That(result.ToString(), Is.EqualTo("not tested: service default/service-1 has the address of the self-test, 192.0.2.253:64253/UDP"));
        Assert.That(_lab.Datapath.Read().Single().Address, Is.EqualTo(ProbeDial.IPv4));
    }

    [Test]
    public void Tables_without_room_for_the_address_are_no_fault()
    {
        _lab = new(servers: 0, options => options with { MaxFrontends = 1 });
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [new() { Address = new(IPAddress.Parse("10.96.0.1"), 80, L4Protocol.Tcp), Backends = [], UsableCount = 0 }]));
        var result = _lab.Datapath.SelfTest();
        Assert.That(result.IsEffective, Is.Null);
        Assert.That(result.Reasons.Single(), Does.EndWith("map 'dp_frontends4' is full (1 frontends): raise maxFrontends"));
    }
}
