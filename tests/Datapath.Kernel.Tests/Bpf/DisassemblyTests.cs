using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs read back from the kernel.</summary>
[TestFixture]
internal sealed class DisassemblyTests
{
    [Test]
    public void A_program_of_two_instructions_is_read_back()
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(program.Disassemble(), Is.EqualTo(new ProgramInstruction[] { new(0, "r0 = 2", null), new(1, "exit", null) }));
    }

    [Test]
    public void Maps_calls_and_source_lines_are_named()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        var code = loaded.Programs["a_program_with_a_long_name"].Disassemble();
        var texts = code.Select(static i => i.Text).ToList();
        Assert.That(texts, Has.None.StartsWith("unknown").And.Contain("exit"));
        Assert.That(texts, Has.Some.EndsWith($"= map {loaded.Maps["states"].Info.Id}"));
        Assert.That(texts, Has.Some.Contains($"= map {loaded.Maps[".bss"].Info.Id} value + 0"));
        Assert.That(texts, Has.Some.Match("^call [a-z_]*map_lookup_elem$"), "this kernel shows its addresses to root");
        Assert.That(code.Select(static i => i.Source), Has.Some.Match(@"^inspect\.bpf\.c:\d+ calls\+\+;$"));
        Assert.That(code.Select(static i => i.Number), Is.Ordered.And.Unique);
        Assert.That(code[^1].Number, Is.EqualTo((loaded.Programs["a_program_with_a_long_name"].ReadDetails().Size / 8) - 1));
    }

    [Test]
    [MinimumKernel("6.2", "bpf_cast_to_kern_ctx()")]
    public void A_call_of_a_function_of_the_program_leads_to_its_first_instruction()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("linked")));
        var code = loaded.Programs["loops"].Disassemble();
        var targets = code.Where(static i => i.Text.StartsWith("call function ", StringComparison.Ordinal)).Select(static i => int.Parse(i.Text.AsSpan("call function ".Length))).ToList();
        var exits = code.Where(static i => i.Text == "exit").Select(static i => i.Number + 1).ToList();
        Assert.That(targets, Is.Not.Empty.And.SubsetOf(exits), "a function starts where another ends");
    }
}
