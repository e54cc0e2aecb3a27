using System.Collections.Immutable;
using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services.Monitoring;

/// <summary>A listener hears what it asked for, and nothing else.</summary>
[TestFixture]
[LoadTest]
internal sealed class DialFilterTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 1);
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static L4Address At(IPAddress address, L4Protocol protocol = L4Protocol.Tcp) => new(address, ServiceLab.ServicePort, protocol);

    /// <summary>Dials service 1 and 2 from pods 1 and 2 by all protocols and families, 16 dials, and tells which were heard.</summary>
    private List<ObservedDial> Hear(DialMonitorOptions options)
    {
        using var log = new DialLog(_lab, options);
        foreach (var pod in new[] { 1, 2 })
        {
            _lab.Pods[pod].Run(static () =>
            {
                foreach (var address in new[] { ServiceLab.ServiceV4(), ServiceLab.ServiceV6(), ServiceLab.ServiceV4(2), ServiceLab.ServiceV6(2) })
                {
                    _ = Dial.Tcp(address);
                    _ = Dial.Udp(address);
                }
            });
        }

        return log.Take();
    }

    [Test]
    public void Everything_is_heard_without_a_filter() => Assert.That(Hear(new()), Has.Count.EqualTo(16));

    [Test]
    public void By_verdict([Values(DialVerdict.Translated, DialVerdict.Refused)] DialVerdict verdict)
    {
        var heard = Hear(new() { Verdicts = [verdict] });
        Assert.That((heard.Count, heard.All(d => d.Verdict == verdict)), Is.EqualTo((8, true)));
    }

    [Test]
    public void By_verdicts_that_did_not_occur() => Assert.That(Hear(new() { Verdicts = [DialVerdict.Passed] }), Is.Empty);

    [Test]
    public void By_protocol([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol)
    {
        var heard = Hear(new() { Protocol = protocol });
        Assert.That((heard.Count, heard.All(d => d.Service.Protocol == protocol)), Is.EqualTo((8, true)));
    }

    [Test]
    public void By_network_namespace([Values(1, 2)] int pod)
    {
        var heard = Hear(new() { NetnsCookie = _lab.Pods[pod].Cookie });
        Assert.That((heard.Count, heard.All(d => d.NetnsCookie == _lab.Pods[pod].Cookie)), Is.EqualTo((8, true)));
    }

    [Test]
    public void By_frontend([Values] bool isIPv4)
    {
        var address = At(isIPv4 ? ServiceLab.ServiceV4(2) : ServiceLab.ServiceV6(2), L4Protocol.Udp);
        var heard = Hear(new() { Frontend = address });
        Assert.That((heard.Count, heard.All(d => d.Service == address)), Is.EqualTo((2, true)));
    }

    [Test]
    public void By_a_frontend_that_is_not_there() => Assert.That(Hear(new() { Frontend = At(ServiceLab.ServiceV4(9)) }), Is.Empty);

    [Test]
    public void A_frontend_that_goes_and_comes_again_is_heard_again()
    {
        using var log = new DialLog(_lab, new() { Frontend = At(ServiceLab.ServiceV4()) });
        _ = _lab.Remove(1);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        Eventually.True(
            () =>
            {
                _ = _lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));
                return log.Take().Count > 0;
            },
            "its new identifier is asked for");
    }

    [Test]
    public void By_cgroup()
    {
        var own = Cgroup.Open(_lab.CgroupPath);
        var other = own.CreateChild("other");
        try
        {
            Assert.That(Hear(new() { CgroupId = other.Id }), Is.Empty);
            Assert.That(Hear(new() { CgroupId = own.Id }), Has.Count.EqualTo(16));
            other.AddCurrentProcess();
            Assert.That(Hear(new() { CgroupId = other.Id }), Has.Count.EqualTo(16));
            Assert.That(Hear(new() { CgroupId = own.Id }), Has.Count.EqualTo(16), "the cgroup above counts too");
            Assert.That(Hear(new() { CgroupId = Cgroup2.FindMount().OpenRoot().Id }), Has.Count.EqualTo(16), "and the root of all");
        }
        finally
        {
            own.AddCurrentProcess();
            other.Delete();
        }
    }

    [Test]
    public void All_filters_must_fit()
    {
        var address = At(ServiceLab.ServiceV4());
        var options = new DialMonitorOptions { Frontend = address, NetnsCookie = _lab.Pods[1].Cookie, Protocol = L4Protocol.Tcp, Verdicts = [DialVerdict.Translated] };
        Assert.That(Hear(options), Has.Count.EqualTo(1));
        Assert.That(Hear(options with { Verdicts = [DialVerdict.Refused] }), Is.Empty);
        Assert.That(Hear(options with { Protocol = L4Protocol.Udp }), Is.Empty);
    }

    [Test]
    public void A_sample_of_one_in_four_is_about_a_quarter()
    {
        const int Dials = 4000;
        using var log = new DialLog(_lab, new() { Sample = 4 });
        _lab.Pods[1].Run(static () =>
        {
            for (var i = 0; i < Dials; i++)
                _ = Dial.Tcp(ServiceLab.ServiceV4(2)); // refused before a packet exists
        });

        // Standard deviation 27: these bounds are more than seven of them away.
        Assert.That(log.Take(), Has.Count.InRange(800, 1200));
        Assert.That(log.Lost, Is.Zero);
    }

    private static IEnumerable<TestCaseData> Mistakes()
    {
        yield return new TestCaseData(new DialMonitorOptions { Sample = 0 }, "Sample").SetArgDisplayNames("sample 0");
        yield return new TestCaseData(new DialMonitorOptions { Verdicts = ImmutableArray.Create((DialVerdict)3) }, "Verdicts").SetArgDisplayNames("verdict 3");
        yield return new TestCaseData(new DialMonitorOptions { NetnsCookie = 0 }, "NetnsCookie").SetArgDisplayNames("cookie 0");
        yield return new TestCaseData(new DialMonitorOptions { CgroupId = 0 }, "CgroupId").SetArgDisplayNames("cgroup 0");
    }

    [TestCaseSource(nameof(Mistakes))]
    public void Options_out_of_range_are_refused_by_name(DialMonitorOptions options, string name) =>
        Assert.That(Assert.Throws<ArgumentOutOfRangeException>(() => DialMonitor.Open(_lab.Datapath, options).Dispose())!.ParamName, Is.EqualTo(name));
}
