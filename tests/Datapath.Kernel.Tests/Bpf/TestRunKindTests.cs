using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Test runs of the kinds that see no packets, or other things than the packet alone.</summary>
[TestFixture]
internal sealed class TestRunKindTests
{
    private const int LookupContext = 72; // struct bpf_sk_lookup
    private const int Family = 8;
    private const int LocalPort = 60;

    // return arguments[0] + arguments[1]
    private static readonly ulong[] s_sum = [0x0000_1079, 0x0008_1179, 0x100f, 0x95];

    // return the number of the CPU
    private static readonly ulong[] s_cpu = [0x00000008_00000085, 0x95];

    [Test]
    public void A_raw_tracepoint_program_gets_its_arguments()
    {
        using var program = TestPrograms.Load("sum", ProgramType.RawTracepoint, default, s_sum);
        var result = program.TestRun(new() { Context = MemoryMarshal.AsBytes<ulong>([40, 2]).ToArray() });
        Assert.That(result.ReturnValue, Is.EqualTo(42));
        Assert.That(result.Data, Is.Empty);
    }

    [Test]
    public void A_raw_tracepoint_program_runs_on_the_cpu_asked_for()
    {
        using var program = TestPrograms.Load("cpu", ProgramType.RawTracepoint, default, s_cpu);
        foreach (var cpu in OnlineCpus.Read())
            Assert.That(program.TestRun(new() { Cpu = cpu }).ReturnValue, Is.EqualTo(cpu));
        Assert.That(() => program.TestRun(new() { Cpu = 1 << 20 }), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENXIO));
    }

    [Test]
    public void Arguments_that_the_program_reads_must_be_there()
    {
        using var program = TestPrograms.Load("sum", ProgramType.RawTracepoint, default, s_sum);
        Assert.That(
            () => program.TestRun(new() { Context = new byte[8] }),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("run program 'sum' on 0 bytes of data and 8 of context: EINVAL"));
    }

    // *(u64 *)ctx += 1; return 7
    [Test]
    public void A_syscall_program_writes_to_its_context()
    {
        using var program = TestPrograms.Load(
            "count", ProgramType.Syscall, default, ProgramFlags.Sleepable, 0x0000_1279, 0x00000001_00000207, 0x0000_217b, 0x00000007_000000b7, 0x95);
        var result = program.TestRun(new() { Context = MemoryMarshal.AsBytes<ulong>([41]).ToArray() });
        Assert.That(result.ReturnValue, Is.EqualTo(7));
        Assert.That(MemoryMarshal.Read<ulong>(result.Context.AsSpan()), Is.EqualTo(42));
    }

    // return local_port == 80
    [Test]
    public void A_socket_lookup_program_sees_the_address_asked_for([Values(80, 81)] int port)
    {
        using var program = TestPrograms.Load(
            "lookup", ProgramType.SkLookup, AttachType.SkLookup, ((ulong)LocalPort << 16) | 0x1261, 0x1_000000b7, 0x00000050_00010215, 0xb7, 0x95);
        var context = new byte[LookupContext];
        context[Family] = 2; // IPv4
        MemoryMarshal.Write(context.AsSpan(LocalPort), port);
        var result = program.TestRun(new() { Context = context, Repeat = 100 });
        Assert.That(result.ReturnValue, Is.EqualTo(port == 80 ? 1 : 0));
    }

    [Test]
    public void A_flow_dissector_runs_on_a_packet()
    {
        using var program = TestPrograms.Return(0, ProgramType.FlowDissector, AttachType.FlowDissector);
        Assert.That(program.TestRun(new() { Data = new byte[64] }).ReturnValue, Is.Zero);
    }

    [Test]
    public void A_netfilter_program_runs_on_a_packet()
    {
        using var program = TestPrograms.Return(1, ProgramType.Netfilter, AttachType.Netfilter);
        var packet = new byte[64];
        (packet[12], packet[14]) = (0x08, 0x45); // IPv4 after Ethernet
        Assert.That(program.TestRun(new() { Data = packet }).ReturnValue, Is.EqualTo(1));
    }

    [Test]
    public void What_a_kind_does_not_take_is_refused_by_name()
    {
        using var raw = TestPrograms.Load("sum", ProgramType.RawTracepoint, default, s_sum);
        using var xdp = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(() => raw.TestRun(new() { Repeat = 2 }), Throws.ArgumentException.With.Message.StartsWith("the kernel runs a RawTracepoint once (program 'sum')"));
        Assert.That(
            () => xdp.TestRun(new() { Data = new byte[64], Cpu = 0 }),
            Throws.ArgumentException.With.Message.StartsWith("the kernel runs a Xdp on the CPU of the caller (program 'return_2')"));
    }

    [Test]
    public void A_typed_tracepoint_program_cannot_run_so()
    {
        using var lab = new TracingLab();
        Assert.That(
            () => lab["at_typed_tracepoint"].TestRun(new()),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo("this kernel cannot run a Tracing as a test (program 'at_typed_tracepoint')"));
    }

    [Test]
    public void Kinds_that_cannot_run_so_are_named([Values(ProgramType.Tracepoint, ProgramType.PerfEvent, ProgramType.SockOps)] ProgramType type)
    {
        using var program = TestPrograms.Return(1, type);
        Assert.That(
            () => program.TestRun(new() { Context = new byte[8] }),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo($"this kernel cannot run a {type} as a test (program 'return_1')"));
    }
}
