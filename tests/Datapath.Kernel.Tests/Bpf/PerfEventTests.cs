using System.Diagnostics;
using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs that run as the kernel counts something.</summary>
[TestFixture]
internal sealed partial class PerfEventTests
{
    private const int Pages = 100;

    private static readonly PerfEventLinkOptions s_pageFaults = new()
    {
        Source = PerfEventSource.Software(PerfSoftwareCounter.PageFaults),
        Sampling = PerfSampling.Every(1),
        ThreadId = 0,
    };

    private static readonly PerfEventLinkOptions s_clock = s_pageFaults with
    {
        Source = PerfEventSource.Software(PerfSoftwareCounter.CpuClock),
        Sampling = PerfSampling.PerSecond(1000),
    };

    private TracingLab _lab = null!;

    [SetUp]
    public void Load() => _lab = new();

    [TearDown]
    public void Unload() => _lab.Dispose();

    [Test]
    [MinimumKernel("6.6", "what a link says of its event")]
    public void A_program_runs_at_each_page_fault_of_the_thread_until_its_link_is_disposed()
    {
        using (var link = PerfEventLink.Attach(_lab["at_perf_event"], s_pageFaults))
        {
            TouchFreshPages();
            Assert.That(_lab[TracingPlace.PerfEvent], Is.GreaterThanOrEqualTo(Pages));
            Assert.That(link.Source, Is.EqualTo(PerfEventSource.Software(PerfSoftwareCounter.PageFaults)));
            Assert.That(link.Info, Is.EqualTo(new BpfLinkInfo(link.Info.Id, BpfLinkKind.PerfEvent, _lab["at_perf_event"].Id)));
            using var byId = BpfLink.OpenById(link.Info.Id);
            Assert.That(byId, Is.TypeOf<PerfEventLink>());
            Assert.That(byId.Target, Is.EqualTo("page-faults"));
        }

        var before = _lab[TracingPlace.PerfEvent];
        TouchFreshPages();
        Assert.That(_lab[TracingPlace.PerfEvent], Is.EqualTo(before));
    }

    [Test]
    public void A_program_runs_so_often_a_second_on_each_cpu()
    {
        var links = PerfEventLink.AttachToEachCpu(_lab["at_perf_event"], s_clock with { ThreadId = null });
        try
        {
            Assert.That(links, Has.Length.EqualTo(OnlineCpus.Read().Length));
            Eventually.True(() => Burn() && _lab[TracingPlace.PerfEvent] > 20, "the clock does not run the program");
        }
        finally
        {
            foreach (var link in links)
                link.Dispose();
        }
    }

    [Test]
    [MinimumKernel("6.6", "what a link says of its event")]
    public void A_clock_is_named_with_where_and_how_often_it_runs_the_program([Values] bool isOfThread)
    {
        var counter = isOfThread ? PerfSoftwareCounter.TaskClock : PerfSoftwareCounter.CpuClock;
        using var link = PerfEventLink.Attach(_lab["at_perf_event"], new()
        {
            Source = PerfEventSource.Software(counter),
            Sampling = PerfSampling.PerSecond(99),
            ThreadId = isOfThread ? Environment.ProcessId : null,
            Cpu = isOfThread ? null : OnlineCpus.Read()[0],
        });
        Assert.That(link.Target, Is.EqualTo(isOfThread ? $"task-clock of thread {Environment.ProcessId} at 99 Hz" : $"cpu-clock on CPU {OnlineCpus.Read()[0]} at 99 Hz"));
        using var found = (PerfEventLink)BpfLink.OpenById(link.Info.Id);
        Assert.That((found.Source, found.Target), Is.EqualTo((PerfEventSource.Software(counter), isOfThread ? "task-clock" : "cpu-clock")));
    }

    [Test]
    public void Without_links_a_program_runs_until_its_attachment_is_disposed()
    {
        using (var attachment = PerfEventAttachment.AttachWithoutLink(_lab["at_perf_event"], s_pageFaults))
        {
            TouchFreshPages();
            Assert.That(_lab[TracingPlace.PerfEvent], Is.GreaterThanOrEqualTo(Pages));
            Assert.That(attachment.Link, Is.Null);
        }

        var before = _lab[TracingPlace.PerfEvent];
        TouchFreshPages();
        Assert.That(_lab[TracingPlace.PerfEvent], Is.EqualTo(before));
    }

    [Test]
    public void Where_the_kernel_has_links_an_attachment_is_one()
    {
        using var attachment = PerfEventAttachment.Attach(_lab["at_perf_event"], s_pageFaults);
        Assert.That(attachment.Link, Is.TypeOf<PerfEventLink>());
    }

    [Test]
    public void A_counter_that_the_machine_does_not_have_is_named()
    {
        var options = s_pageFaults with { Source = PerfEventSource.Hardware(PerfHardwareCounter.CpuCycles) };
        if (Directory.Exists("/sys/bus/event_source/devices/cpu"))
        {
            using var link = PerfEventLink.Attach(_lab["at_perf_event"], options with { Sampling = PerfSampling.Every(1_000_000) });
            Eventually.True(() => Burn() && _lab[TracingPlace.PerfEvent] > 0, "the processor counts and the program does not run");
            return;
        }

        Assert.That(
            () => PerfEventLink.Attach(_lab["at_perf_event"], options),
            Throws.TypeOf<LinuxException>().With.Message.Match(@"^open performance event cpu-cycles of the calling thread once for 1: E\w+ \(this machine cannot count that; virtual"));
    }

    [Test]
    public void Events_that_cannot_be_are_refused()
    {
        var program = _lab["at_perf_event"];
        Assert.That(() => PerfEventLink.Attach(program, s_pageFaults with { ThreadId = null }), Throws.ArgumentException.With.Message.StartsWith("a performance event needs a thread or a CPU"));
        Assert.That(() => PerfEventLink.Attach(program, s_pageFaults with { Sampling = default }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => PerfEventLink.Attach(program, s_pageFaults with { Source = new(2, 1) }), Throws.ArgumentException.With.Message.StartsWith("a tracepoint is no counter"));
        Assert.That(() => PerfEventLink.Attach(program, s_pageFaults with { ThreadId = int.MaxValue }), Throws.TypeOf<LinuxException>().With.Message.EndsWith("ESRCH (there is no such thread)"));
        Assert.That(() => PerfEventLink.Attach(program, s_clock with { Cpu = 4095 }), Throws.TypeOf<LinuxException>());
        Assert.That(() => PerfEventLink.Attach(_lab["at_raw_tracepoint"], s_clock), Throws.ArgumentException);
    }

    private static unsafe void TouchFreshPages()
    {
        var size = (nuint)(Pages * Environment.SystemPageSize);
        var memory = (byte*)Libc.mmap(null, size, Libc.PROT_READ | Libc.PROT_WRITE, flags: 0x22, fd: -1, offset: 0); // private, anonymous
        Assert.That((nint)memory, Is.Not.EqualTo(-1));
        Assert.That(madvise(memory, size, advice: 15), Is.Zero); // MADV_NOHUGEPAGE: a fault for each page
        for (var i = 0; i < Pages; i++)
            memory[i * Environment.SystemPageSize] = 1;
        Assert.That(Libc.munmap(memory, size), Is.Zero);
    }

    private static bool Burn()
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 20)
        {
        }

        return true;
    }

    [LibraryImport("libc")]
    private static unsafe partial int madvise(void* address, nuint length, int advice);
}
