using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;
using Datapath.Linux.Tests.Elf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Variables of an object before the load.</summary>
public class VariableSpecTests
{
    [Test]
    public void Variables_tell_their_place_size_and_type()
    {
        var variables = Parse().Variables;
        Assert.That(variables.Keys.Order(), Is.EqualTo(new[] { "knob", "table" }));
        var (knob, table) = (variables["knob"], variables["table"]);
        Assert.That((knob.Section, knob.Offset, knob.Size, knob.TypeName, knob.IsReadOnly), Is.EqualTo((".rodata", 4, 4, "unsigned int", true)));
        Assert.That((table.Section, table.Offset, table.Size, table.TypeName, table.IsReadOnly), Is.EqualTo((".data", 0, 16, "struct entry *[2]", false)));
    }

    [Test]
    public void What_is_set_is_got_by_variable_and_by_section()
    {
        var spec = Parse();
        Assert.That(spec.Variables["knob"].Get<uint>(), Is.EqualTo(0x07060504), "as the file has it");
        spec.Variables["knob"].Set(9U);
        Assert.That(spec.DataSections[".rodata"].Get<uint>("knob"), Is.EqualTo(9));
        spec.DataSections[".rodata"].Set("knob", 10U);
        Assert.That(spec.Variables["knob"].Content.ToArray(), Is.EqualTo(new byte[] { 10, 0, 0, 0 }));
        spec.Variables["table"].SetContent(Enumerable.Repeat((byte)1, 16).ToArray());
        Assert.That(spec.DataSections[".data"].Content.ToArray(), Is.EqualTo(Enumerable.Repeat((byte)1, 16)));
    }

    [Test]
    public void Another_size_is_refused()
    {
        var knob = Parse().Variables["knob"];
        Assert.That(() => knob.Get<long>(), Throws.ArgumentException.With.Message.EqualTo("variable 'knob' has 4 bytes, Int64 has 8"));
        Assert.That(() => knob.Set((byte)1), Throws.ArgumentException.With.Message.EqualTo("variable 'knob' has 4 bytes, Byte has 1"));
        Assert.That(() => knob.SetContent(new byte[5]), Throws.ArgumentException.With.Message.StartsWith("variable 'knob' has 4 bytes, not 5"));
    }

    [Test]
    public void Types_are_named_as_C_writes_them()
    {
        var btf = new BtfBuilder();
        var number = btf.Int("int", 4);
        var pair = btf.Struct("pair", 8, ("a", number, 0));
        var names = new Dictionary<uint, string>
        {
            [btf.Pointer(btf.Array(number, 4))] = "int (*)[4]",
            [btf.Pointer(btf.Array(btf.Array(number, 4), 2))] = "int (*)[2][4]",
            [btf.Array(btf.Pointer(btf.Array(number, 4)), 2)] = "int (*[2])[4]",
            [btf.Array(btf.Array(btf.Const(number), 4), 2)] = "int[2][4]",
            [btf.Pointer(btf.Pointer(pair))] = "struct pair **",
            [btf.Pointer(btf.Const(0))] = "void *",
            [btf.Typedef("u32", number)] = "u32",
            [btf.Union("", 4, ("a", number))] = "union (unnamed)",
            [btf.Enum("colour", ("red", 1))] = "enum colour",
        };
        var file = BtfFile.Parse(btf.Build());
        Assert.That(names.Keys.Select(id => CText.TypeName(file.Index, id)), Is.EqualTo(names.Values));
    }

    private static BpfObjectSpec Parse()
    {
        var btf = new BtfBuilder();
        var pointers = btf.Array(btf.Pointer(btf.Struct("entry", 4, ("a", btf.Int("int", 4), 0))), 2);
        _ = btf.DataSection(".rodata", btf.Variable("knob", btf.Const(btf.Int("unsigned int", 4))));
        _ = btf.DataSection(".data", btf.Variable("table", pointers));
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", btf.Build());
        _ = elf.Section("license", "GPL\0"u8.ToArray());
        _ = elf.Symbol("knob", ElfSymbolType.Object, elf.Section(".rodata", [0, 1, 2, 3, 4, 5, 6, 7]), 4, 4);
        _ = elf.Symbol("table", ElfSymbolType.Object, elf.Section(".data", new byte[16]), 0, 16);
        return BpfObjectSpec.Parse(elf.Build());
    }
}
