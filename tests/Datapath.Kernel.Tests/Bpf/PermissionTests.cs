using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What threads get that may not do everything, and that what is called missing is what was missing.</summary>
[TestFixture]
internal sealed class PermissionTests
{
    private const LinuxCapabilities OfLoad = LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin | LinuxCapabilities.PerfMon;

    // The hook of each kind, and a verdict that the verifier takes.
    private static readonly object[] s_programs =
    [
        new object[] { ProgramType.SchedClassifier, default(AttachType), 0 },
        new object[] { ProgramType.Xdp, default(AttachType), 2 },
        new object[] { ProgramType.CgroupSock, AttachType.CgroupInetSockCreate, 1 },
        new object[] { ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect, 1 },
        new object[] { ProgramType.SockOps, default(AttachType), 1 },
        new object[] { ProgramType.Netfilter, AttachType.Netfilter, 1 },
        new object[] { ProgramType.Tracepoint, default(AttachType), 0 },
        new object[] { ProgramType.RawTracepoint, default(AttachType), 0 },
        new object[] { ProgramType.PerfEvent, default(AttachType), 0 },
    ];

    [Test]
    public void A_thread_without_capabilities_is_told_which_one_is_missing()
    {
        var thrown = Refusal(LinuxCapabilities.None, static () => BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 1)).Dispose());
        Assert.That(thrown.MissingCapabilities, Is.EqualTo(LinuxCapabilities.Bpf));
        Assert.That(thrown.Message, Does.StartWith("create map 'routes' (LpmTrie): EPERM (CAP_BPF is missing; root has it, and setcap(8)"));
    }

    [TestCaseSource(nameof(s_programs))]
    public void A_program_loads_with_what_it_is_said_to_need_and_with_nothing_less(ProgramType type, AttachType hook, int verdict)
    {
        var needed = BpfPermission.Of(type);
        LimitedThread.Run(needed, () => TestPrograms.Return(verdict, type, hook).Dispose());
        Assert.That(Refusal(LinuxCapabilities.Bpf, () => TestPrograms.Return(verdict, type, hook).Dispose()).MissingCapabilities, Is.EqualTo(needed & ~LinuxCapabilities.Bpf));
        LimitedThread.Run(LinuxCapabilities.SysAdmin, () => TestPrograms.Return(verdict, type, hook).Dispose());
    }

    [Test]
    public void A_program_that_may_not_show_addresses_is_told_who_may()
    {
        VerifierException? thrown = null;
        LimitedThread.Run(
            LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin,
            () => thrown = Assert.Throws<VerifierException>(static () => TestPrograms.Load("leak", ProgramType.SchedClassifier, default, 0x10bf, 0x95).Dispose())); // r0 = r1
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(LinuxCapabilities.PerfMon));
        Assert.That(thrown.Message, Is.EqualTo("load program 'leak': EACCES (R0 leaks addr as return value; with CAP_PERFMON, which is missing, a program may do so)"));
        LimitedThread.Run(OfLoad, static () => TestPrograms.Load("leak", ProgramType.SchedClassifier, default, 0x10bf, 0x95).Dispose());
    }

    [Test]
    public void A_helper_that_reads_the_kernel_is_told_from_one_that_is_not_there()
    {
        VerifierException? thrown = null;
        LimitedThread.Run(
            LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin,
            () => thrown = Assert.Throws<VerifierException>(static () => TestPrograms.Load("task", ProgramType.SchedClassifier, default, 0x85 | (35UL << 32), 0xb7, 0x95).Dispose()));
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(LinuxCapabilities.PerfMon));
        LimitedThread.Run(OfLoad, static () => TestPrograms.Load("task", ProgramType.SchedClassifier, default, 0x85 | (35UL << 32), 0xb7, 0x95).Dispose());
    }

    [Test]
    public void Types_need_CAP_BPF() =>
        Assert.That(Refusal(OfLoad & ~LinuxCapabilities.Bpf, static () => StandaloneBtf.Load(4).Dispose()).MissingCapabilities, Is.EqualTo(LinuxCapabilities.Bpf));

    [Test]
    public void Numbers_and_statistics_need_CAP_SYS_ADMIN()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, uint>("numbered", 1));
        using var program = TestPrograms.Proceed();
        var (mapId, programId) = (map.Info.Id, program.Id);
        Action[] calls =
        [
            () => BpfMap.OpenById(mapId).Dispose(), () => BpfProgram.OpenById(programId).Dispose(),
            static () => BpfLink.OpenById(1).Dispose(), static () => BpfStatistics.Enable().Dispose(),
        ];
        foreach (var call in calls)
            Assert.That(Refusal(OfLoad, call).MissingCapabilities, Is.EqualTo(LinuxCapabilities.SysAdmin));
        LimitedThread.Run(LinuxCapabilities.SysAdmin, () => BpfMap.OpenById(mapId).Dispose());
    }

    [Test]
    public void Asking_what_is_attached_needs_CAP_NET_ADMIN() =>
        Assert.That(Refusal(LinuxCapabilities.Bpf, static () => TcxLink.Query(1, TcxDirection.Ingress)).MissingCapabilities, Is.EqualTo(LinuxCapabilities.NetAdmin));

    [Test]
    public void Only_programs_that_anybody_may_load_are_asked_for_at_the_cgroup()
    {
        using var cgroup = new TestCgroup();
        using var packets = TestPrograms.Return(1, ProgramType.CgroupSkb, AttachType.CgroupInetEgress);
        using var addresses = TestPrograms.Proceed();
        Assert.That(Refusal(LinuxCapabilities.Bpf, () => CgroupLink.Attach(packets, cgroup.Cgroup).Dispose()).MissingCapabilities, Is.EqualTo(LinuxCapabilities.NetAdmin));
        LimitedThread.Run(LinuxCapabilities.NetAdmin, () => CgroupLink.Attach(packets, cgroup.Cgroup).Dispose());
        LimitedThread.Run(LinuxCapabilities.None, () => CgroupLink.Attach(addresses, cgroup.Cgroup).Dispose());
    }

    [Test]
    public void A_descriptor_is_enough_for_elements()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, uint>("open", 8));
        LimitedThread.Run(LinuxCapabilities.None, () =>
        {
            var hash = map.AsHash<uint, uint>();
            hash.Set(1, 2);
            Assert.That(hash.ToList(), Is.EqualTo([new KeyValuePair<uint, uint>(1, 2)]));
        });
    }

    [Test]
    public void A_frozen_map_is_blamed_for_a_refused_write()
    {
        using var map = BpfMap.Create(MapSpec.Array<uint>("frozen", 1));
        map.Freeze();
        var thrown = Assert.Throws<BpfException>(() => map.AsArray<uint>()[0] = 1)!;
        Assert.That((thrown.Errno, thrown.MissingCapabilities), Is.EqualTo((Errno.EPERM, LinuxCapabilities.None)));
        Assert.That(thrown.Message, Does.Contain("frozen"));
    }

    [Test]
    public void A_loaded_program_is_attached_to_interfaces_by_whoever_holds_it()
    {
        using var network = NetworkNamespace.Create();
        using var classifier = TestPrograms.Return(0, ProgramType.SchedClassifier);
        using var xdp = TestPrograms.Return(2, ProgramType.Xdp, AttachType.Xdp);
        network.Run(() => LimitedThread.Run(LinuxCapabilities.None, () =>
        {
            TcxLink.Attach(classifier, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress }).Dispose();
            XdpLink.Attach(xdp, 1, XdpMode.Generic).Dispose();
        }));
    }

    [Test]
    public void A_walk_needs_CAP_PERFMON_to_be_loaded_and_nothing_to_be_run()
    {
        Assert.That(Refusal(LinuxCapabilities.Bpf, static () => Walk().Dispose()).MissingCapabilities, Is.EqualTo(LinuxCapabilities.PerfMon));
        BpfProgram program = null!;
        LimitedThread.Run(BpfPermission.Of(ProgramType.Tracing), () => program = Walk());
        using (program)
        {
            LimitedThread.Run(LinuxCapabilities.None, () =>
            {
                using var iterator = BpfIterator.Create(program);
                using var stream = iterator.Open();
                Assert.That(stream.ReadByte(), Is.EqualTo(-1)); // it writes nothing
            });
        }
    }

    [Test]
    public void Performance_events_need_CAP_PERFMON()
    {
        using var clock = TestPrograms.Return(0, ProgramType.PerfEvent);
        var options = new PerfEventLinkOptions { Source = PerfEventSource.Software(PerfSoftwareCounter.CpuClock), Sampling = PerfSampling.PerSecond(1), Cpu = 0 };
        AssertNeedsPerfMon(() => PerfEventLink.Attach(clock, options).Dispose());
    }

    [Test]
    public void Tracepoints_need_CAP_PERFMON() => TracingLab.WithTracefs(static () =>
    {
        using var tracepoint = TestPrograms.Return(0, ProgramType.Tracepoint);
        AssertNeedsPerfMon(() => TracepointLink.Attach(tracepoint, "syscalls/sys_enter_getpgid").Dispose());
    });

    [Test]
    public void A_loaded_program_is_tried_and_attached_to_a_namespace_by_whoever_holds_it()
    {
        using var lookup = TestPrograms.Return(1, ProgramType.SkLookup, AttachType.SkLookup);
        using var classifier = TestPrograms.Return(0, ProgramType.SchedClassifier);
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            LimitedThread.Run(LinuxCapabilities.None, () => NetworkNamespaceLink.Attach(lookup).Dispose());
            Assert.That(Refusal(LinuxCapabilities.Bpf, static () => NetworkNamespaceLink.Query(AttachType.SkLookup)).MissingCapabilities, Is.EqualTo(LinuxCapabilities.NetAdmin));
        });
        LimitedThread.Run(LinuxCapabilities.None, () => classifier.TestRun(new() { Data = new byte[64] }));
    }

    [Test]
    public void A_ring_is_written_by_whoever_holds_it()
    {
        using var map = BpfMap.Create(MapSpec.UserRingBuffer("requests", 4096));
        LimitedThread.Run(LinuxCapabilities.None, () => BpfUserRingBuffer.Open(map).Dispose());
    }

    [Test]
    public void Lists_need_CAP_SYS_ADMIN()
    {
        Action[] lists =
        [
            static () => _ = BpfInventory.Programs().Count(), static () => _ = BpfInventory.Maps().Count(),
            static () => _ = BpfInventory.Links().Count(), static () => _ = BpfInventory.Types().Count(),
        ];
        foreach (var list in lists)
            Assert.That(Refusal(OfLoad, list).MissingCapabilities, Is.EqualTo(LinuxCapabilities.SysAdmin));
        LimitedThread.Run(LinuxCapabilities.SysAdmin, static () => _ = BpfInventory.Programs().Count());
    }

    [Test]
    public void Instructions_need_CAP_BPF()
    {
        using var program = TestPrograms.Proceed();
        Assert.That(Refusal(LinuxCapabilities.NetAdmin, () => program.Disassemble()).MissingCapabilities, Is.EqualTo(LinuxCapabilities.Bpf));
        LimitedThread.Run(LinuxCapabilities.Bpf, () => Assert.That(program.Disassemble(), Is.Not.Empty));
    }

    [Test]
    public void Hidden_addresses_name_what_shows_them()
    {
        Dictionary<string, ulong?> seen = null!;
        LinuxException hidden = null!;
        LimitedThread.Run(LinuxCapabilities.None, () =>
        {
            seen = KernelSymbolTable.Find(new HashSet<string> { "bpf_prog_put" });
            hidden = KernelSymbolTable.Hidden("bpf_prog_put");
        });
        Assume.That(seen["bpf_prog_put"], Is.Zero, "kernel.kptr_restrict and kernel.perf_event_paranoid let everybody see addresses");
        Assume.That(File.ReadAllText("/proc/sys/kernel/kptr_restrict").Trim(), Is.Not.EqualTo("2"), "nobody sees addresses");
        Assert.That(hidden.MissingCapabilities, Is.EqualTo(LinuxCapabilities.SysLog));
        LimitedThread.Run(LinuxCapabilities.SysLog, () => seen = KernelSymbolTable.Find(new HashSet<string> { "bpf_prog_put" }));
        Assert.That(seen["bpf_prog_put"], Is.Not.Zero);
    }

    [Test]
    public void Interfaces_need_CAP_NET_ADMIN()
    {
        using var network = NetworkNamespace.Create();
        using var route = network.OpenRouteNetlink();
        var thrown = RefusalOf<NetlinkException>(LinuxCapabilities.SysAdmin, () => route.SetLinkUp(1));
        Assert.That((thrown.Errno, thrown.MissingCapabilities), Is.EqualTo((Errno.EPERM, LinuxCapabilities.NetAdmin)));
        Assert.That(thrown.Message, Does.Contain("CAP_NET_ADMIN is missing; root has it"));
        LimitedThread.Run(LinuxCapabilities.NetAdmin, () => route.SetLinkUp(1));
    }

    [Test]
    public void Namespaces_need_CAP_SYS_ADMIN()
    {
        using var network = NetworkNamespace.Create();
        var name = $"dp-{Guid.NewGuid():N}";
        network.AddName(name);
        try
        {
            Action[] calls =
            [
                static () => NetworkNamespace.Create().Dispose(), () => network.Run(static () => { }),
                () => network.AddName(name + "-2"), () => NetworkNamespace.DeleteName(name),
            ];
            foreach (var call in calls)
            {
                var thrown = RefusalOf<LinuxException>(OfLoad, call);
                Assert.That((thrown.Errno, thrown.MissingCapabilities), Is.EqualTo((Errno.EPERM, LinuxCapabilities.SysAdmin)), thrown.Message);
            }
        }
        finally
        {
            _ = NetworkNamespace.DeleteName(name);
        }
    }

    // Goes over all tasks and does nothing.
    private static BpfProgram Walk()
    {
        using var types = StandaloneBtf.Load(4);
        var spec = new ProgramSpec
        {
            Name = "walk",
            Type = ProgramType.Tracing,
            AttachType = AttachType.TraceIterator,
            AttachBtfId = KernelBtf.Running.FindFunction("bpf_iter_task"),
        };
        return BpfProgram.Load(spec, MemoryMarshal.AsBytes<ulong>([0xb7, 0x95]), "GPL", types);
    }

    private static void AssertNeedsPerfMon(Action call)
    {
        var thrown = RefusalOf<LinuxException>(LinuxCapabilities.None, call);
        Assert.That(thrown.Errno, Is.EqualTo(Errno.EPERM).Or.EqualTo(Errno.EACCES));
        Assert.That(thrown.MissingCapabilities, Is.EqualTo(LinuxCapabilities.PerfMon));
        Assert.That(thrown.Message, Does.Contain("(CAP_PERFMON is missing; root has it, ").And.EndsWith("; kernel.perf_event_paranoid says what may be done without it)"));
        LimitedThread.Run(LinuxCapabilities.PerfMon, call);
    }

    private static BpfException Refusal(LinuxCapabilities capabilities, Action action)
    {
        var thrown = RefusalOf<BpfException>(capabilities, action);
        Assert.That(thrown.Errno, Is.EqualTo(Errno.EPERM));
        return thrown;
    }

    private static T RefusalOf<T>(LinuxCapabilities capabilities, Action action)
        where T : LinuxException
    {
        T? thrown = null;
        LimitedThread.Run(capabilities, () => thrown = Assert.Throws<T>(action));
        return thrown!;
    }
}
