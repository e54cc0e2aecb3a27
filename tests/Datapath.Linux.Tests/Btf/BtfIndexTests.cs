using System.Buffers.Binary;
using System.Text;
using Datapath.BpfObjects;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Types found in place, as the materializing reader finds them.</summary>
public class BtfIndexTests
{
    private static readonly byte[] s_section = ElfFile.Parse(SocketLbObject.Read()).FindSection(".BTF")!.Data.ToArray();

    [Test]
    public void Every_type_is_read_as_the_other_reader_reads_it()
    {
        var index = BtfIndex.Parse(s_section);
        var file = BtfFile.Parse(s_section);
        Assert.That(index.Count, Is.EqualTo(file.Types.Length));
        foreach (var type in file.Types)
        {
            var record = index[type.Id];
            Assert.That((record.Id, record.Kind, record.NameText), Is.EqualTo((type.Id, type.Kind, type.Name)));
            if (record.IsComposite || record.IsEnum)
                Assert.That(record.Count, Is.EqualTo(type.Members.Length));
            for (var i = 0; record.IsComposite && i < record.Count; i++)
            {
                var (field, expected) = (record.Field(i), type.Members[i]);
                Assert.That((field.Type, (long)field.BitOffset, field.BitSize), Is.EqualTo((expected.Type, expected.Value, expected.Size)), type.Name);
                Assert.That(record.NameOf(field).SequenceEqual(Encoding.UTF8.GetBytes(expected.Name)));
            }

            if (type.Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Int or BtfKind.Array or BtfKind.Pointer or BtfKind.Enum)
                Assert.That(index.SizeOf(type.Id), Is.EqualTo(file.SizeOf(type.Id)));
        }
    }

    [Test]
    public void A_type_is_found_by_name_and_kind()
    {
        var builder = new BtfBuilder();
        var number = builder.Int("same", 4);
        var @struct = builder.Struct("same", 4, ("a", number, 0));
        _ = builder.Struct("same", 8, ("a", number, 0));
        var function = builder.Record("run", BtfKind.Func, 1, builder.Record("", BtfKind.FuncProto, 0, 0));
        var index = BtfIndex.Parse(builder.Build());
        Assert.That(index.Find(BtfKind.Struct, "same"u8).Id, Is.EqualTo(@struct), "the first of two");
        Assert.That(index.Find(BtfKind.Int, "same"u8).Id, Is.EqualTo(number));
        Assert.That(index.Find(BtfKind.Func, "run"u8).Id, Is.EqualTo(function));
        Assert.That(index.Find(BtfKind.Union, "same"u8).Kind, Is.EqualTo(BtfKind.Void));
        Assert.That(index.Find(BtfKind.Struct, "sam"u8).Id, Is.Zero);
        Assert.That(index.Find(BtfKind.Struct, default).Id, Is.Zero);
    }

    [Test]
    public void Names_that_are_parts_of_others_are_told_apart()
    {
        var builder = new BtfBuilder();
        _ = builder.Struct("sock_common", 1);
        _ = builder.Struct("raw_sock", 2);
        var whole = builder.Struct("sock", 3);
        var index = BtfIndex.Parse(builder.Build());
        Assert.That(index.Find(BtfKind.Struct, "sock"u8).Id, Is.EqualTo(whole));
        Assert.That(index.Find(BtfKind.Struct, "k"u8).Id, Is.Zero);
        Assert.That(index.Find(BtfKind.Struct, "sock\0"u8).Id, Is.Zero);
        Assert.That(index.Find(BtfKind.Struct, "common\0raw"u8).Id, Is.Zero, "of two names");
    }

    [Test]
    public void A_name_may_be_the_end_of_another()
    {
        var builder = new BtfBuilder();
        _ = builder.Struct("raw_sock", 1);
        var end = builder.Record("", BtfKind.Struct, 0, 2);
        var section = builder.Build();
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(24 + BtfIndex.RecordSize), 5);
        Assert.That(BtfIndex.Parse(section).Find(BtfKind.Struct, "sock"u8).Id, Is.EqualTo(end));
    }

    [Test]
    public void Types_of_a_module_continue_those_of_the_kernel()
    {
        var kernel = new BtfBuilder();
        var number = kernel.Int("int", 4);
        var inKernel = kernel.Struct("both", 4, ("kernel_field", number, 0));
        var module = new BtfBuilder(kernel);
        var inModule = module.Struct("both", 8, ("a", number, 0), ("b", number, 32));
        var only = module.Struct("module_only", 16, ("nested", inModule, 0), ("list", module.Array(inKernel, 2), 64));
        var reused = module.Record("", BtfKind.Union, 0, 2);
        var section = module.Build();
        var baseTypes = BtfIndex.Parse(kernel.Build());
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(^(12 + (int)BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(20)))), 1); // "int", of the kernel's names
        var index = BtfIndex.Parse(section, baseTypes);

        Assert.That((baseTypes.Count, index.Count), Is.EqualTo((2, 6)));
        Assert.That(index.Find(BtfKind.Struct, "both"u8).Id, Is.EqualTo(inKernel), "the kernel's first");
        Assert.That(Ids(index, "both"), Is.EqualTo(new[] { inKernel, inModule }));
        Assert.That(index.Find(BtfKind.Struct, "module_only"u8).Id, Is.EqualTo(only));
        Assert.That(Ids(index, "int"), Is.EqualTo(new[] { number, reused }));
        Assert.That(baseTypes.Find(BtfKind.Struct, "module_only"u8).Id, Is.Zero);
        Assert.That(index.SizeOf(only), Is.EqualTo(16));
        Assert.That(index.SizeOf(index[only].Field(1).Type), Is.EqualTo(8), "an array of the kernel's structs");
        Assert.That(index[inModule].NameOf(index[inModule].Field(1)).SequenceEqual("b"u8));
        Assert.That(index[inKernel].NameOf(index[inKernel].Field(0)).SequenceEqual("kernel_field"u8));
        Assert.That(() => index[7], Throws.TypeOf<InvalidBpfObjectException>());
        Assert.That(() => BtfIndex.Parse(section, index), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("cannot be continued"));
    }

    [Test]
    public void Real_types_cut_in_two_are_those_of_one_piece()
    {
        var whole = BtfIndex.Parse(s_section);
        var cutAt = whole[(uint)whole.Count / 2].Offset;
        var cutName = (int)Enumerable.Range(1, (whole.Count / 2) - 1).Max(id => LastName(whole[(uint)id]));
        var types = whole.Types.ToArray();
        var names = s_section.AsSpan((int)(24 + BinaryPrimitives.ReadUInt32LittleEndian(s_section.AsSpan(16))));
        cutName += names[cutName..].IndexOf((byte)0) + 1;
        var index = BtfIndex.Parse(
            Section(types.AsSpan(cutAt), names[cutName..]), BtfIndex.Parse(Section(types.AsSpan(0, cutAt), names[..cutName])));
        Assert.That(index.Count, Is.EqualTo(whole.Count));
        for (var id = 1U; id <= whole.Count; id++)
        {
            Assert.That((index[id].Kind, index[id].NameText, index[id].Count), Is.EqualTo((whole[id].Kind, whole[id].NameText, whole[id].Count)));
            Assert.That(index.Find(whole[id].Kind, whole[id].Name).Id, Is.EqualTo(whole.Find(whole[id].Kind, whole[id].Name).Id));
        }

        static uint LastName(BtfRecord type)
        {
            var last = type.NameOffset;
            for (var i = 0; type.IsComposite && i < type.Count; i++)
                last = Math.Max(last, type.Field(i).NameOffset);
            return last;
        }

        static byte[] Section(ReadOnlySpan<byte> types, ReadOnlySpan<byte> names)
        {
            var header = new byte[24];
            header[0] = 0x9f;
            header[1] = 0xeb;
            header[2] = 1;
            header[4] = 24;
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), types.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), types.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), names.Length);
            return [.. header, .. types, .. names];
        }
    }

    [Test]
    public void A_miss_allocates_nothing()
    {
        var index = BtfIndex.Parse(s_section);
        _ = index.Find(BtfKind.Struct, "missing"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = index.Find(BtfKind.Struct, "missing"u8);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Candidates_are_equal_up_to_a_flavour()
    {
        var builder = new BtfBuilder();
        var plain = builder.Struct("sk", 0);
        var flavoured = builder.Struct("sk___old", 0);
        _ = builder.Struct("sk__old", 0);
        _ = builder.Struct("skb", 0);
        var index = BtfIndex.Parse(builder.Build());
        Assert.That(Ids(index, "sk___new"), Is.EqualTo(new[] { plain, flavoured }));
    }

    [TestCase("task_struct", "task_struct")]
    [TestCase("task_struct___old", "task_struct")]
    [TestCase("a___b___c", "a___b")]
    [TestCase("a____b", "a____b", Description = "four underscores are no flavour")]
    [TestCase("a___b____c", "a")]
    [TestCase("___b", "___b")]
    [TestCase("a___", "a___")]
    [TestCase("", "")]
    public void The_flavour_is_what_follows_three_underscores(string name, string expected) => Assert.That(
        Encoding.UTF8.GetString(BtfName.WithoutFlavour(Encoding.UTF8.GetBytes(name))), Is.EqualTo(expected));

    [Test]
    public void Types_that_refer_to_themselves_have_no_size()
    {
        var builder = new BtfBuilder();
        _ = builder.Typedef("self", 1);
        _ = builder.Array(2, 1);
        var index = BtfIndex.Parse(builder.Build());
        Assert.That(() => index.SizeOf(1), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("refers to itself"));
        Assert.That(() => index.SizeOf(2), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("contains itself"));
        Assert.That(() => index.SizeOf(0), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("has no size"));
        Assert.That(() => index[3], Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("type 3 of 2"));
        Assert.That(() => index[1].Parameter(0), Throws.TypeOf<InvalidBpfObjectException>());
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        for (var length = 0; length < s_section.Length; length++)
            Assert.That(Fuzz.IsRead(() => BtfIndex.Parse(s_section.AsMemory(0, length))), Is.False, $"{length} bytes");
    }

    private static List<uint> Ids(BtfIndex index, string name)
    {
        var found = new List<uint>();
        foreach (var candidate in index.Candidates(Encoding.UTF8.GetBytes(name)))
            found.Add(candidate.Id);
        return found;
    }
}
