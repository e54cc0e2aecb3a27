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
        var found = new List<uint>();
        foreach (var candidate in index.Candidates("sk___new"u8))
            found.Add(candidate.Id);
        Assert.That(found, Is.EqualTo(new[] { plain, flavoured }));
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
}
