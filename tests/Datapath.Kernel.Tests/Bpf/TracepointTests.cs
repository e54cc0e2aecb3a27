using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs at tracepoints, which see the whole machine: the system calls that they count are none but the test's.</summary>
[TestFixture]
internal sealed class TracepointTests
{
    private TracingLab _lab = null!;
    private TestPins _pins = null!;

    [SetUp]
    public void Load() => (_lab, _pins) = (new("too_far"), new());

    [TearDown]
    public void Unload()
    {
        _pins.Dispose();
        _lab.Dispose();
    }

    [Test]
    [MinimumKernel("6.6", "what a link says of its event")]
    public void A_program_runs_at_a_tracepoint_until_its_link_is_disposed() => TracingLab.WithTracefs(() =>
    {
        using (var link = Attach(cookie: 42))
        {
            TracingLab.AskForNobody();
            TracingLab.AskForNobody();
            Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(2));
            Assert.That(_lab[TracingPlace.Cookie], Is.EqualTo(42));
            Assert.That((link.TracepointName, link.Target), Is.EqualTo(("sys_enter_getpgid", "tracepoint sys_enter_getpgid")));
            Assert.That(link.Info, Is.EqualTo(new BpfLinkInfo(link.Info.Id, BpfLinkKind.PerfEvent, _lab["at_tracepoint"].Id)));
        }

        TracingLab.AskForNobody();
        Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(2));
    });

    [Test]
    public void A_tracepoint_may_be_named_as_in_the_source() => TracingLab.WithTracefs(() =>
    {
        var target = BpfObjectSpec.Parse(TestObject.Read("tracing")).Programs["at_tracepoint"].AttachTarget;
        using var link = TracepointLink.Attach(_lab["at_tracepoint"], target);
        TracingLab.AskForNobody();
        Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(1));
        Assert.That(() => TracepointLink.Attach(_lab["at_tracepoint"], "sys_enter_getpgid"), Throws.ArgumentException);
    });

    [Test]
    [MinimumKernel("6.6", "what a link says of its event")]
    public void A_pinned_link_goes_on_and_opens_as_one_to_a_tracepoint() => TracingLab.WithTracefs(() =>
    {
        uint id;
        using (var link = Attach())
        {
            link.Pin(_pins["tracepoint"]);
            id = link.Info.Id;
        }

        TracingLab.AskForNobody();
        Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(1));
        using var opened = BpfLink.OpenPinned(_pins["tracepoint"]);
        using var byId = BpfLink.OpenById(id);
        Assert.That(((TracepointLink)opened).TracepointName, Is.EqualTo("sys_enter_getpgid"));
        Assert.That(byId, Is.TypeOf<TracepointLink>());
    });

    [Test]
    public void The_kernel_neither_replaces_nor_detaches_the_program() => TracingLab.WithTracefs(() =>
    {
        using var link = Attach();
        Assert.That(() => link.Update(_lab["at_tracepoint"]), Throws.TypeOf<NotSupportedException>());
        Assert.That(link.Detach, Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EOPNOTSUPP));
    });

    [Test]
    public void The_same_program_is_refused_a_second_time() => TracingLab.WithTracefs(() =>
    {
        using var link = Attach();
        Assert.That(
            () => Attach(),
            Throws.TypeOf<BpfException>().With.Message.EqualTo(
                "attach program 'at_tracepoint' to tracepoint 'syscalls/sys_enter_getpgid': EEXIST (this program is attached there)"));
    });

    [Test]
    public void A_program_that_reads_beyond_the_fields_is_refused() => TracingLab.WithTracefs(() => Assert.That(
        () => TracepointLink.Attach(_lab["too_far"], "syscalls", "sys_enter_getpgid"),
        Throws.TypeOf<BpfException>().With.Message.EndsWith("EACCES (the program reads more than there is)")));

    [Test]
    public void A_tracepoint_that_is_not_there_is_named() => TracingLab.WithTracefs(() => Assert.That(
        () => TracepointLink.Attach(_lab["at_tracepoint"], "syscalls", "sys_enter_nothing"),
        Throws.TypeOf<LinuxException>().With.Message.EqualTo(
            "find tracepoint 'syscalls/sys_enter_nothing': ENOENT (this kernel has no such tracepoint; /sys/kernel/tracing/events lists those that it has)")));

    [Test]
    public void Without_tracefs_the_error_says_how_to_mount_it()
    {
        MountSandbox.Run(() =>
        {
            MountSandbox.UnmountAll("/sys/kernel/tracing");
            MountSandbox.UnmountAll("/sys/kernel/debug");
            Assert.That(() => Attach(), Throws.TypeOf<LinuxException>().With.Message.Contains("run: mount -t tracefs tracefs /sys/kernel/tracing"));
        });
    }

    [Test]
    public void Names_cannot_lead_out_of_the_folder_of_tracepoints() => Assert.That(
        () => TracepointLink.Attach(_lab["at_tracepoint"], "..", "trace"), Throws.ArgumentException);

    [Test]
    public void A_program_of_another_kind_is_refused() => Assert.That(
        () => TracepointLink.Attach(_lab["at_perf_event"], "syscalls", "sys_enter_getpgid"),
        Throws.ArgumentException.With.Message.StartsWith("program 'at_perf_event' is a PerfEvent, what it is to be attached to takes a Tracepoint"));

    [Test]
    public void Where_the_kernel_has_links_an_attachment_is_one() => TracingLab.WithTracefs(() =>
    {
        using var attachment = PerfEventAttachment.AttachToTracepoint(_lab["at_tracepoint"], "syscalls", "sys_enter_getpgid");
        TracingLab.AskForNobody();
        Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(1));
        Assert.That(attachment.Link, Is.TypeOf<TracepointLink>());
    });

    [Test]
    public void Without_links_a_program_runs_until_its_attachment_is_disposed() => TracingLab.WithTracefs(() =>
    {
        using (var attachment = PerfEventAttachment.AttachToTracepointWithoutLink(_lab["at_tracepoint"], "syscalls", "sys_enter_getpgid"))
        {
            TracingLab.AskForNobody();
            Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(1));
            Assert.That(attachment.Link, Is.Null);
        }

        TracingLab.AskForNobody();
        Assert.That(_lab[TracingPlace.Tracepoint], Is.EqualTo(1));
        Assert.That(
            () => PerfEventAttachment.AttachToTracepointWithoutLink(_lab["too_far"], "syscalls", "sys_enter_getpgid"),
            Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EACCES));
    });

    [Test]
    public void A_program_runs_at_a_raw_tracepoint_until_its_link_is_disposed()
    {
        using (var link = RawTracepointLink.Attach(_lab["at_raw_tracepoint"], "sys_enter"))
        {
            TracingLab.CallNobody();
            Assert.That(_lab[TracingPlace.RawTracepoint], Is.EqualTo(1));
            Assert.That((link.TracepointName, link.Target), Is.EqualTo(("sys_enter", "raw tracepoint sys_enter")));
            Assert.That(link.Info, Is.EqualTo(new BpfLinkInfo(link.Info.Id, BpfLinkKind.RawTracepoint, _lab["at_raw_tracepoint"].Id)));
            Assert.That(() => link.Update(_lab["at_raw_tracepoint"]), Throws.TypeOf<NotSupportedException>());
            using var byId = BpfLink.OpenById(link.Info.Id);
            Assert.That(((RawTracepointLink)byId).TracepointName, Is.EqualTo("sys_enter"));
        }

        TracingLab.CallNobody();
        Assert.That(_lab[TracingPlace.RawTracepoint], Is.EqualTo(1));
    }

    [Test]
    [MinimumKernel("6.10", "the cookie of a raw tracepoint")]
    public void A_program_at_a_raw_tracepoint_is_told_the_cookie_of_its_link()
    {
        using var lab = new TracingLab("with_cookie");
        using var link = RawTracepointLink.Attach(lab["with_cookie"], "sys_enter", cookie: 43);
        TracingLab.CallNobody();
        Assert.That(lab[TracingPlace.Cookie], Is.EqualTo(43));
    }

    [Test]
    public void Refused_and_ended_attachments_leave_nothing_open() => TracingLab.WithTracefs(() =>
    {
        using var link = Attach();
        TryEach(); // what is made once for the process
        var before = OpenEvents();
        for (var i = 0; i < 20; i++)
            TryEach();
        Assert.That(OpenEvents(), Is.EqualTo(before));

        void TryEach()
        {
            Assert.That(() => Attach(), Throws.TypeOf<BpfException>());
            Assert.That(
                () => PerfEventAttachment.AttachToTracepointWithoutLink(_lab["at_tracepoint"], "syscalls", "sys_enter_getpgid"), Throws.TypeOf<BpfException>());
            TracepointLink.Attach(_lab["at_tracepoint"], "syscalls", "sys_enter_getsid").Dispose();
            PerfEventAttachment.AttachToTracepointWithoutLink(_lab["at_tracepoint"], "syscalls", "sys_enter_getsid").Dispose();
            RawTracepointLink.Attach(_lab["at_raw_tracepoint"], "sys_enter").Dispose();
        }
    });

    [Test]
    public void A_typed_program_knows_its_tracepoint()
    {
        using (var link = RawTracepointLink.Attach(_lab["at_typed_tracepoint"]))
        {
            TracingLab.CallNobody();
            Assert.That(link.TracepointName, Is.EqualTo("sys_enter"));
            Assert.That(link.Info.Kind, Is.EqualTo(BpfLinkKind.RawTracepoint));
        }

        TracingLab.CallNobody();
        Assert.That(_lab[TracingPlace.TypedTracepoint], Is.EqualTo(1));
    }

    [Test]
    public void A_program_is_attached_to_the_raw_tracepoint_that_its_section_names()
    {
        Assert.That(_lab["at_raw_tracepoint"].AttachTarget, Is.EqualTo("sys_enter"));
        using (var link = RawTracepointLink.Attach(_lab["at_raw_tracepoint"]))
        {
            Assert.That(link.TracepointName, Is.EqualTo("sys_enter"));
            TracingLab.CallNobody();
        }

        Assert.That(_lab[TracingPlace.RawTracepoint], Is.EqualTo(1));
    }

    [Test]
    public void A_raw_tracepoint_that_is_not_there_is_named()
    {
        Assert.That(
            () => RawTracepointLink.Attach(_lab["at_raw_tracepoint"], "no_such_tracepoint"),
            Throws.TypeOf<BpfException>().With.Message.EqualTo(
                "attach program 'at_raw_tracepoint' to raw tracepoint 'no_such_tracepoint': ENOENT (this kernel has no such tracepoint)"));
        Assert.That(
            static () => new TracingLab("nowhere"),
            Throws.TypeOf<MissingFromKernelException>().With.Message.EqualTo("program 'nowhere': this kernel has no tracepoint 'no_such_tracepoint'"));
    }

    [Test]
    public void A_program_that_knows_no_tracepoint_must_be_told_one()
    {
        using var opened = BpfProgram.OpenById(_lab["at_raw_tracepoint"].Id);
        Assert.That(
            () => RawTracepointLink.Attach(opened).Dispose(),
            Throws.ArgumentException.With.Message.StartsWith("program 'at_raw_tracepoi' does not say its tracepoint; name it"));
        using var other = TestPrograms.Return(0, ProgramType.SchedClassifier);
        Assert.That(() => RawTracepointLink.Attach(other).Dispose(), Throws.ArgumentException.With.Message.Contains("is a SchedClassifier"));
        Assert.That(() => RawTracepointLink.Attach(_lab["at_typed_tracepoint"], "sys_enter"), Throws.ArgumentException);
    }

    // "anon_inode:[perf_event]", "anon_inode:bpf_link"
    private static int OpenEvents() => Directory.GetFiles("/proc/self/fd").Count(static fd =>
        File.ResolveLinkTarget(fd, returnFinalTarget: false)?.Name is { } name
        && (name.Contains("perf_event", StringComparison.Ordinal) || name.Contains("bpf_link", StringComparison.Ordinal)));

    private TracepointLink Attach(ulong cookie = 0) => TracepointLink.Attach(_lab["at_tracepoint"], "syscalls", "sys_enter_getpgid", cookie);
}
