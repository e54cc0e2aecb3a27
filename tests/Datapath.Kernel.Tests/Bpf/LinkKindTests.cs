using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Every kind of link, found again by its number: it comes as what it is and says the same.</summary>
[TestFixture]
internal sealed class LinkKindTests
{
    private static readonly TestCaseData[] s_kinds =
    [
        Kind("cgroup", static () => TestPrograms.Proceed(), static program => CgroupLink.Attach(program, Cgroup2.OpenCurrent())), // the test's own
        Kind("tcx", static () => TestPrograms.Return(0, ProgramType.SchedClassifier), static program =>
            TcxLink.Attach(program, new() { InterfaceIndex = 1, Direction = TcxDirection.Egress })),
        Kind("xdp", static () => TestPrograms.Return(2, ProgramType.Xdp), static program => XdpLink.Attach(program, 1)),
        Kind("netfilter", static () => TestPrograms.Return(1, ProgramType.Netfilter, AttachType.Netfilter), static program =>
            NetfilterLink.Attach(program, new() { Family = NetfilterFamily.IPv6, Hook = NetfilterHook.Forward })),
        Kind("netns", static () => TestPrograms.Return(1, ProgramType.SkLookup, AttachType.SkLookup), NetworkNamespaceLink.Attach),
        Kind("raw_tp", static () => TestPrograms.Return(0, ProgramType.RawTracepoint), static program => RawTracepointLink.Attach(program, "sched_process_fork")),
        Kind("perf", static () => TestPrograms.Return(0, ProgramType.PerfEvent), static program => PerfEventLink.Attach(program, new()
        {
            Source = PerfEventSource.Software(PerfSoftwareCounter.TaskClock),
            Sampling = PerfSampling.Every(1_000_000_000),
            ThreadId = 0,
        })),
    ];

    [TestCaseSource(nameof(s_kinds))]
    public void A_link_found_by_its_number_is_of_its_kind(Func<BpfProgram> load, Func<BpfProgram, BpfLink> attach)
    {
        using var cgroup = new TestCgroup();
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            using var program = load();
            using var link = attach(program);
            using var found = BpfLink.OpenById(link.Info.Id);
            Assert.That(found, Is.TypeOf(link.GetType()));
            Assert.That(found.Info, Is.EqualTo(link.Info));
            Assert.That(found.Info.ProgramId, Is.EqualTo(program.Id));
            // Of a performance event the kernel tells less, before 6.6 nothing.
            Assert.That(found.Target, Is.Not.Empty);
            Assert.That(link.Target, Does.StartWith(found.Target).Or.StartsWith("task-clock"));
        });
    }

    private static TestCaseData Kind(string name, Func<BpfProgram> load, Func<BpfProgram, BpfLink> attach) =>
        new TestCaseData(load, attach).SetArgDisplayNames(name);
}
