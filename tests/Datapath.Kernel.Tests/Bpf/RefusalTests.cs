using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What is said of programs that the verifier refuses: the cause and where it is. The texts are those of Linux 6.12 to 6.18.</summary>
[TestFixture]
[MinimumKernel("6.12", "the wording of the verifier")]
internal sealed class RefusalTests
{
    [TestCase("unchecked_pointer", "R0 invalid mem access 'map_value_or_null'")]
    [TestCase("beyond_value", "invalid access to map value, value_size=8 off=8 size=8; R0 ")]
    [TestCase("beyond_packet", "invalid access to packet, off=13 size=1")]
    [TestCase("beyond_context", "invalid bpf_context access off=4000 size=4")]
    [TestCase("unreleased_socket", "reference leak, of what was taken at: return bpf_sk_lookup_tcp(")]
    [TestCase("unsubmitted_record", "reference leak, of what was taken at: __u64 *record = bpf_ringbuf_reserve(")]
    [TestCase("helper_of_others", "program of this type cannot use helper bpf_bind#64")]
    [TestCase("unknown_helper", "invalid func unknown#9999")]
    [TestCase("wrong_argument", "R1 type=ctx expected=map_ptr")]
    [TestCase("unset_register", "R9 !read_ok")]
    [TestCase("misaligned", "misaligned value access")]
    [TestCase("pointer_arithmetic", "variable ctx access var_off=(0x0; 0x4) disallowed")]
    [TestCase("write_to_context", "invalid bpf_context access off=0 size=4")]
    [TestCase("kernel_function_of_others", "arg#0 pointer type STRUCT task_struct must point to")]
    [TestCase("lock_outside_of_map", "R1 type=fp expected=map_value")]
    [TestCase("bad_verdict", "R0 has smin=7 smax=7 should have been in [0, 1]")]
    public void The_cause_is_told_with_its_source_line(string program, string cause)
    {
        var thrown = Refusal(program);
        Assert.That(thrown.Message, Does.StartWith($"load program '{program}': E").And.Contains(cause));
        Assert.That(thrown.Message, Does.Contain("/* WRONG */ @ refusals.bpf.c:"));
    }

    [Test]
    public void A_stack_that_is_too_deep_is_told_though_no_line_is_at_fault()
    {
        var thrown = Refusal("deep_stack");
        Assert.That(thrown.Message, Does.Match(@"^load program 'deep_stack': EACCES \(combined stack size of 3 calls is \d+\. Too large\)$"));
        Assert.That(thrown.SourceLine, Is.Null);
    }

    // Its log would take gigabytes; the end of it is enough.
    [Test]
    [LoadTest]
    public void A_program_that_takes_too_long_to_verify_says_so_and_where_the_verifier_was()
    {
        var thrown = Refusal("too_many");
        Assert.That(thrown.Message, Does.StartWith("load program 'too_many': E2BIG (BPF program is too large. Processed 1000001 insn, at: "));
        Assert.That(thrown.Log[0], Is.EqualTo("(what comes before does not fit)"));
        Assert.That(thrown.Log[^1], Does.StartWith("processed 1000001 insns"));
    }

    [TestCase("unreachable", "unreachable insn 2", 0xb7UL, 0x95UL, 0xb7UL, 0x95UL)]
    [TestCase("loop", "infinite loop detected at insn 1", 0xb7UL, 0x00000000_ffff0015UL, 0x95UL)] // r0 = 0; if r0 == 0 goto -1
    [TestCase("jump", "jump out of range from insn 0 to 9", 0x00000000_00080005UL, 0x95UL)]
    [TestCase("opcode", "unknown opcode ff", 0xffUL, 0x95UL)]
    public void Broken_code_is_told(string name, string cause, params ulong[] code)
    {
        var thrown = Assert.Throws<VerifierException>(() => TestPrograms.Load(name, ProgramType.SchedClassifier, default, code).Dispose());
        Assert.That(thrown!.Message, Does.Contain(cause));
    }

    [Test]
    public void Types_that_the_kernel_does_not_take_are_told()
    {
        uint[] types = [0x0001_eb9f, 24, 0, 16, 16, 5, 1, 1 << 24, 3, 33]; // an integer of 3 bytes and 33 bits
        byte[] raw = [.. MemoryMarshal.AsBytes<uint>(types), .. "\0odd\0"u8];
        Assert.That(
            () => BtfLoader.Load(raw).Dispose(),
            Throws.TypeOf<BpfException>().With.Message.Match(@"^load 45 bytes of BTF: E\w+ \(\[1\] INT odd .+\)$"));
    }

    private static VerifierException Refusal(string program)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("refusals"));
        spec.Programs[program].IsEnabled = true;
        return Assert.Throws<VerifierException>(() => BpfObject.Load(spec).Dispose())!;
    }
}
