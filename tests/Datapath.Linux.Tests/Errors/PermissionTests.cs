using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>What is said when the kernel answers EPERM.</summary>
[TestFixture]
internal sealed class PermissionTests
{
    private const LinuxCapabilities All = (LinuxCapabilities)0x1ffffffffff;
    private const LinuxCapabilities OfLoad = LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin | LinuxCapabilities.PerfMon;

    private const string HowToGetIt = "; root has it, and setcap(8), AmbientCapabilities= of systemd or capabilities.add of a container gives it)";

    // What each call takes, what the thread has, what is missing.
    private static readonly object[] s_calls =
    [
        Case("create map 'fake' (Hash)", BpfCommand.MapCreate, static () => FakeObjects.Hash().Dispose(), All & ~OfLoad & ~LinuxCapabilities.SysAdmin, LinuxCapabilities.Bpf),
        Case("open map 7", BpfCommand.MapGetFdById, static () => BpfMap.OpenById(7).Dispose(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("open program 7", BpfCommand.ProgGetFdById, static () => BpfProgram.OpenById(7).Dispose(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("open link 7", BpfCommand.LinkGetFdById, static () => BpfLink.OpenById(7).Dispose(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("enable the statistics of programs", BpfCommand.EnableStats, static () => BpfStatistics.Enable().Dispose(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.SchedClassifier).Dispose(), LinuxCapabilities.Bpf, LinuxCapabilities.NetAdmin),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.CgroupSockAddr).Dispose(), LinuxCapabilities.NetAdmin, LinuxCapabilities.Bpf),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.Xdp).Dispose(), LinuxCapabilities.None, LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.Tracing).Dispose(), LinuxCapabilities.Bpf, LinuxCapabilities.PerfMon),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.Tracepoint).Dispose(), LinuxCapabilities.PerfMon, LinuxCapabilities.Bpf),
        Case("load program 'fake'", BpfCommand.ProgLoad, static () => FakeObjects.Program(ProgramType.SocketFilter).Dispose(), LinuxCapabilities.None, LinuxCapabilities.Bpf),
        Case("load 52 bytes of BTF", BpfCommand.BtfLoad, static () => StandaloneBtf.Load(4).Dispose(), LinuxCapabilities.NetAdmin, LinuxCapabilities.Bpf),
        Case("list the programs", BpfCommand.ProgGetNextId, static () => _ = BpfInventory.Programs().Count(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("list the links", BpfCommand.LinkGetNextId, static () => _ = BpfInventory.Links().Count(), OfLoad, LinuxCapabilities.SysAdmin),
        Case("query the programs of a network namespace (SkLookup)", BpfCommand.ProgQuery, static () => NetworkNamespaceLink.Query(AttachType.SkLookup), LinuxCapabilities.Bpf, LinuxCapabilities.NetAdmin),
        Case("query the programs of interface 1 (tcx Ingress)", BpfCommand.ProgQuery, static () => TcxLink.Query(1, TcxDirection.Ingress), LinuxCapabilities.Bpf, LinuxCapabilities.NetAdmin),
    ];

    private static object[] Case(string operation, BpfCommand command, Action call, LinuxCapabilities effective, LinuxCapabilities missing) =>
        [operation, command, call, effective, missing];

    [TestCaseSource(nameof(s_calls))]
    public void The_missing_capability_is_named(string operation, object command, Action call, LinuxCapabilities effective, LinuxCapabilities missing)
    {
        using var play = new FakeKernel { Effective = effective }.FailAlways((BpfCommand)command, Errno.EPERM).Play();
        var thrown = Assert.Throws<BpfException>(call);
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(missing));
        Assert.That(thrown.Message, Does.Match($@"^{System.Text.RegularExpressions.Regex.Escape(operation).Replace("52", @"\d+", StringComparison.Ordinal)}: EPERM \((needs CAP_.*, of which )?CAP_\w+ .*missing; root has "));
    }

    [TestCaseSource(nameof(s_calls))]
    public void What_is_there_is_not_blamed(string operation, object command, Action call, LinuxCapabilities effective, LinuxCapabilities missing)
    {
        using var play = new FakeKernel().FailAlways((BpfCommand)command, Errno.EPERM).Play();
        var thrown = Assert.Throws<BpfException>(call);
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(LinuxCapabilities.None), $"{operation}, {effective}, {missing}");
        Assert.That(thrown.Message, Does.EndWith("there: a security module may forbid it; nothing that can be seen does)"));
    }

    [Test]
    public void One_missing_capability_and_several_are_said_so()
    {
        Assert.That(Refusal(new() { Effective = LinuxCapabilities.None }).Message, Is.EqualTo("create map 'fake' (Hash): EPERM (CAP_BPF is missing" + HowToGetIt));
        using var play = new FakeKernel { Effective = LinuxCapabilities.None }.FailAlways(BpfCommand.ProgLoad, Errno.EPERM).Play();
        Assert.That(
            Assert.Throws<BpfException>(static () => FakeObjects.Program().Dispose())!.Message,
            Is.EqualTo("load program 'fake': EPERM (CAP_BPF and CAP_NET_ADMIN are missing; root has them, and setcap(8), AmbientCapabilities= of systemd or capabilities.add of a container give them)"));
    }

    [Test]
    public void All_that_a_call_needs_is_named_beside_what_is_missing()
    {
        using var play = new FakeKernel { Effective = LinuxCapabilities.Bpf }.FailAlways(BpfCommand.ProgLoad, Errno.EPERM).Play();
        Assert.That(
            Assert.Throws<BpfException>(static () => FakeObjects.Program().Dispose())!.Message,
            Is.EqualTo("load program 'fake': EPERM (needs CAP_BPF and CAP_NET_ADMIN, of which CAP_NET_ADMIN is missing" + HowToGetIt));
    }

    // Whoever is told one and gets it would only be told the next.
    [TestCase(BpfCommand.BtfLoad)]
    [TestCase(BpfCommand.MapCreate)]
    [TestCase(BpfCommand.ProgLoad)]
    public void An_object_names_all_that_its_load_needs_whichever_call_is_refused_first(object refused)
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        var kernel = new FakeKernel { Effective = LinuxCapabilities.None }.FailAlways((BpfCommand)refused, Errno.EPERM);
        using var play = kernel.Play();
        var thrown = Assert.Throws<BpfException>(() => BpfObject.Load(spec).Dispose());
        Assert.That((thrown!.Errno, thrown.MissingCapabilities), Is.EqualTo((Errno.EPERM, LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin)));
        Assert.That(thrown.Message, Does.Match(@"^(load|create) .*: EPERM \(CAP_BPF and CAP_NET_ADMIN are missing; root has them"));
        Assert.That(kernel.Open, Is.Empty);
    }

    [Test]
    public void An_object_needs_nothing_for_programs_that_are_not_loaded()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = false;
        using var play = new FakeKernel { Effective = LinuxCapabilities.None }.FailAlways(BpfCommand.BtfLoad, Errno.EPERM).Play();
        Assert.That(Assert.Throws<BpfException>(() => BpfObject.Load(spec).Dispose())!.MissingCapabilities, Is.EqualTo(LinuxCapabilities.Bpf));
    }

    [TestCase("5.7", LinuxCapabilities.Bpf, LinuxCapabilities.SysAdmin)]
    [TestCase("5.8", LinuxCapabilities.None, LinuxCapabilities.Bpf)]
    [TestCase("6.12", LinuxCapabilities.SysAdmin, LinuxCapabilities.None)]
    public void What_counts_depends_on_the_kernel(string kernel, LinuxCapabilities effective, LinuxCapabilities missing) =>
        Assert.That(Refusal(new() { Kernel = kernel, Effective = effective }).MissingCapabilities, Is.EqualTo(missing));

    [TestCase("/proc/self/uid_map", "         0     100000      65536\n", "this process is in a user namespace, where capabilities do not count for bpf(2)")]
    [TestCase("/proc/thread-self/status", "CapEff:\t000001ffffffffff\nSeccomp:\t2\n", "a seccomp filter is at work, as container runtimes set it")]
    [TestCase("/proc/thread-self/attr/current", "docker-default (enforce)\n", "a security module confines it as 'docker-default (enforce)'")]
    [TestCase("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n", "the kernel is locked down for confidentiality")]
    public void What_stands_behind_a_capability_is_named_if_it_can_be_seen(string path, string text, string expected)
    {
        var thrown = Refusal(new() { Texts = { [path] = text } });
        Assert.That(thrown.Message, Is.EqualTo($"create map 'fake' (Hash): EPERM (CAP_BPF is there: {expected})"));
    }

    [Test]
    public void Unknown_capabilities_are_not_called_missing()
    {
        var thrown = Refusal(new() { Texts = { ["/proc/thread-self/status"] = "Name:\tx\n" } });
        Assert.That((thrown.Message, thrown.MissingCapabilities), Is.EqualTo(("create map 'fake' (Hash): EPERM (needs CAP_BPF; root has it)", LinuxCapabilities.None)));
    }

    [Test]
    public void A_refused_write_to_a_map_blames_the_map()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.MapUpdateElem, Errno.EPERM);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var thrown = Assert.Throws<BpfException>(() => map.AsHash<uint, ulong>().Set(1, 2));
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(LinuxCapabilities.None));
        Assert.That(thrown.Message, Does.StartWith("update a key of map 'fake': EPERM (a map that is frozen or was opened read-only takes no writes"));
    }

    [TestCase("6.4", LinuxCapabilities.Bpf)]
    [TestCase("6.5", LinuxCapabilities.None)]
    public void Freezing_needs_a_capability_on_older_kernels_only(string kernelVersion, LinuxCapabilities missing)
    {
        var kernel = new FakeKernel { Kernel = kernelVersion, Effective = LinuxCapabilities.None }.FailAlways(BpfCommand.MapFreeze, Errno.EPERM);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        Assert.That(Assert.Throws<BpfException>(map.Freeze)!.MissingCapabilities, Is.EqualTo(missing));
    }

    [Test]
    public void A_refusal_that_concerns_no_map_blames_none()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.EPERM).FailAlways(BpfCommand.ProgTestRun, Errno.EPERM).Play();
        using var walk = FakeObjects.Program(ProgramType.Tracing, AttachType.TraceIterator);
        using var classifier = FakeObjects.Program();
        Assert.That(Assert.Throws<BpfException>(() => BpfIterator.Create(walk).Dispose())!.Message, Does.EndWith("EPERM (a security module may forbid it; nothing that can be seen does)"));
        Assert.That(Assert.Throws<BpfException>(() => classifier.TestRun(new()))!.Message, Does.EndWith("EPERM (a security module may forbid it; nothing that can be seen does)"));
    }

    [Test]
    public void A_locked_memory_limit_is_not_blamed_for_what_is_no_bpf()
    {
        using var play = new FakeKernel { Kernel = "5.10" }.Play();
        Assert.That(
            LinuxException.Refusal("enter a namespace", Errno.EPERM, LinuxCapabilities.SysAdmin).Message,
            Is.EqualTo("enter a namespace: EPERM (CAP_SYS_ADMIN is there: a security module may forbid it; nothing that can be seen does)"));
    }

    // CAP_SYS_ADMIN will do for programs of the network, but not for interfaces and routes.
    [Test]
    public void Netlink_asks_for_its_own_capability()
    {
        using var play = new FakeKernel { Effective = All & ~LinuxCapabilities.NetAdmin }.Play();
        Assert.That(LinuxException.Refusal("add a route", Errno.EPERM, LinuxCapabilities.NetAdmin).MissingCapabilities, Is.EqualTo(LinuxCapabilities.NetAdmin));
        Assert.That(BpfException.Refusal("attach a program", Errno.EPERM, LinuxCapabilities.NetAdmin).MissingCapabilities, Is.EqualTo(LinuxCapabilities.None));
    }

    // Until 5.18 the setting shut all of bpf(2), also to those who hold a descriptor.
    [TestCase("5.18", LinuxCapabilities.Bpf)]
    [TestCase("5.19", LinuxCapabilities.None)]
    public void A_closed_bpf_is_told_from_a_frozen_map(string kernelVersion, LinuxCapabilities missing)
    {
        var kernel = new FakeKernel { Kernel = kernelVersion, Effective = LinuxCapabilities.None }.FailAlways(BpfCommand.MapUpdateElem, Errno.EPERM);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var thrown = Assert.Throws<BpfException>(() => map.AsHash<uint, ulong>().Set(1, 2));
        Assert.That(thrown!.MissingCapabilities, Is.EqualTo(missing));
    }

    [Test]
    public void A_file_that_may_not_be_opened_is_told_from_one_that_is_not_there()
    {
        using var play = new FakeKernel().Fail(BpfCommand.ObjGet, Errno.EACCES).Play();
        Assert.That(
            Assert.Throws<BpfException>(static () => BpfMap.OpenPinned("/sys/fs/bpf/x").Dispose())!.Message,
            Is.EqualTo("open map pinned to '/sys/fs/bpf/x': EACCES (the mode of the file or of a folder above it forbids it; root may)"));
        Assert.That(Assert.Throws<BpfException>(static () => BpfMap.OpenPinned("/sys/fs/bpf/x").Dispose())!.Errno, Is.EqualTo(Errno.ENOENT));
    }

    [TestCase("5.10", 1)]
    [TestCase("5.11", 0)]
    public void Locked_memory_is_lifted_once_where_it_is_counted(string kernelVersion, int lifts)
    {
        var kernel = new FakeKernel { Kernel = kernelVersion }.Fail(BpfCommand.MapCreate, Errno.EPERM).Fail(BpfCommand.ProgLoad, Errno.EPERM);
        using var play = kernel.Play();
        Action map = static () => FakeObjects.Hash().Dispose();
        Action program = static () => FakeObjects.Program().Dispose();
        foreach (var call in (Action[])[map, program])
        {
            if (lifts > 0)
                Assert.That(call, Throws.Nothing);
            else
                Assert.That(call, Throws.TypeOf<BpfException>());
        }

        Assert.That(kernel.MemlockLifts, Is.EqualTo(lifts * 2));
        Assert.That(kernel.Open, Is.Empty);
    }

    [Test]
    public void A_limit_that_may_not_be_lifted_is_named()
    {
        var kernel = new FakeKernel { Kernel = "5.10", Memlock = Errno.EPERM };
        var thrown = Refusal(kernel);
        Assert.That(kernel.CountOf(BpfCommand.MapCreate), Is.EqualTo(1));
        Assert.That(thrown.Message, Does.Contain("CAP_BPF is there: RLIMIT_MEMLOCK may be too low and not be raised (needs CAP_SYS_RESOURCE)"));
    }

    [Test]
    public void A_kernel_that_refuses_after_the_limit_was_lifted_is_not_asked_a_third_time()
    {
        var kernel = new FakeKernel { Kernel = "5.10" };
        _ = Refusal(kernel);
        Assert.That((kernel.CountOf(BpfCommand.MapCreate), kernel.MemlockLifts), Is.EqualTo((2, 1)));
    }

    private static BpfException Refusal(FakeKernel kernel)
    {
        using var play = kernel.FailAlways(BpfCommand.MapCreate, Errno.EPERM).Play();
        return Assert.Throws<BpfException>(static () => FakeObjects.Hash().Dispose())!;
    }
}
