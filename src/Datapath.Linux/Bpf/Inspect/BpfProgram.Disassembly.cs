using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfProgram
{
    /// <summary>
    /// Reads the instructions as the kernel runs or compiles them, after the verifier has removed what is never reached and inlined what it
    /// can. Maps are named by number, functions of the kernel by name if the kernel shows its addresses. Needs CAP_BPF, for the names and the
    /// source CAP_SYS_ADMIN and CAP_SYSLOG. Minimum kernel: 4.13; source lines: 5.0.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused, or hides the instructions (EPERM).</exception>
    public ImmutableArray<ProgramInstruction> Disassemble()
    {
        var code = ReadCode(out var lines, out var btf);
        var calls = KernelCalls.Find(CallsOf(code));
        var text = new InstructionText(code, immediate => calls.GetValueOrDefault(immediate));
        return ProgramListing.Of(text, ProgramListing.SourcesOf(lines, new BtfObjects().Find(btf)), unit: 1); // of a loaded program the kernel counts places in instructions
    }

    private byte[] ReadCode(out BtfLineInfo[] lines, out uint btf)
    {
        using var lease = Handle.Lease();
        var raw = default(RawProgramDetails);
        ProgramDetails.Ask(lease.Fd, &raw);
        var code = new byte[raw.Start.XlatedLength];
        lines = raw.Start.LineInfoRecordSize == sizeof(BtfLineInfo) ? new BtfLineInfo[raw.Start.LineInfoCount] : [];
        btf = raw.Start.BtfId;
        fixed (byte* instructions = code)
        fixed (BtfLineInfo* records = lines)
        {
            raw = default;
            (raw.Start.XlatedInstructions, raw.Start.XlatedLength) = ((ulong)instructions, (uint)code.Length);
            if (lines.Length > 0)
                (raw.Start.LineInfo, raw.Start.LineInfoCount, raw.Start.LineInfoRecordSize) = ((ulong)records, (uint)lines.Length, (uint)sizeof(BtfLineInfo));
            ProgramDetails.Ask(lease.Fd, &raw);
        }

        if (code.Length == 0 || raw.Start.XlatedInstructions == 0)
            throw BpfException.Refusal($"read the instructions of program '{Name}'", Errno.EPERM, LinuxCapabilities.Bpf, "constants are hidden (net.core.bpf_jit_harden), and the instructions with them");
        return code;
    }

    private static HashSet<int> CallsOf(ReadOnlySpan<byte> code)
    {
        var calls = new HashSet<int>();
        for (; !code.IsEmpty; code = code[BpfInstruction.Size..])
        {
            if (code[0] == BpfInstruction.Call && BpfInstruction.Source(code) != BpfInstruction.CallFunction)
                calls.Add(BpfInstruction.Immediate(code));
        }

        return calls;
    }
}
