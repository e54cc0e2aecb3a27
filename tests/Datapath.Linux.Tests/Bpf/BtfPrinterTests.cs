using System.Text;
using System.Text.Json;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Bytes printed by their types.</summary>
public class BtfPrinterTests
{
    private BtfBuilder _builder = null!;

    [SetUp]
    public void MakeBuilder() => _builder = new();

    [TestCase(1U, false, "254", "fe")]
    [TestCase(2U, true, "-2", "fe ff")]
    [TestCase(4U, false, "4294967294", "fe ff ff ff")]
    [TestCase(4U, true, "-2", "fe ff ff ff")]
    [TestCase(8U, false, "18446744073709551615", "ff ff ff ff ff ff ff ff")]
    [TestCase(8U, true, "-9223372036854775808", "00 00 00 00 00 00 00 80")]
    public void Integers_are_numbers_of_their_size_and_sign(uint size, bool isSigned, string expected, string bytes)
    {
        var type = isSigned ? _builder.SignedInt("n", size) : _builder.Int("n", size);
        Assert.That(Text(type, bytes), Is.EqualTo(expected));
        Assert.That(Json(type, bytes), Is.EqualTo(expected));
    }

    [Test]
    public void Large_integers_and_pointers_are_hexadecimal()
    {
        var wide = _builder.Int("__int128", 16);
        Assert.That(Text(wide, "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 80"), Is.EqualTo("0x80000000000000000000000000000001"));
        var pointer = _builder.Pointer(0);
        Assert.That(Text(pointer, "00 10 00 00 00 80 ff ff"), Is.EqualTo("0xffff800000001000"));
        Assert.That(Json(pointer, "00 10 00 00 00 80 ff ff"), Is.EqualTo("\"0xffff800000001000\""));
    }

    [Test]
    public void Truth_letters_and_floating_point_numbers_are_what_they_are_in_C()
    {
        var boolean = _builder.Record("_Bool", BtfKind.Int, 0, 1, 8 | (4 << 24));
        var letter = _builder.SignedInt("char", 1);
        var single = _builder.Record("float", BtfKind.Float, 0, 4);
        var real = _builder.Record("double", BtfKind.Float, 0, 8);
        Assert.That((Text(boolean, "01"), Text(boolean, "00"), Text(boolean, "02")), Is.EqualTo(("true", "false", "2")));
        Assert.That((Text(letter, "61"), Text(letter, "00"), Text(letter, "ff")), Is.EqualTo(("'a'", "0", "-1")));
        Assert.That((Json(letter, "61"), Json(letter, "ff"), Json(boolean, "01")), Is.EqualTo(("\"a\"", "-1", "true")));
        Assert.That((Text(single, "00 00 c0 3f"), Text(real, "00 00 00 00 00 00 04 c0")), Is.EqualTo(("1.5", "-2.5")));
        Assert.That((Text(single, "00 00 c0 7f"), Json(single, "00 00 c0 7f")), Is.EqualTo(("NaN", "\"NaN\"")));
    }

    [Test]
    public void Enums_are_names_where_there_is_one()
    {
        var small = _builder.Enum("verdict", ("PASS", 0), ("DROP", 7));
        var signed = _builder.Record("s", BtfKind.Enum, 1 | (1 << 31), 4, 0, 0xffff_ffff);
        var large = _builder.Enum64("e", ("BIG", 1L << 40));
        Assert.That((Text(small, "07 00 00 00"), Text(small, "02 00 00 00"), Json(small, "00 00 00 00")), Is.EqualTo(("DROP", "2", "\"PASS\"")));
        Assert.That(Text(signed, "fe ff ff ff"), Is.EqualTo("-2"));
        Assert.That(Text(large, "00 00 00 00 00 01 00 00"), Is.EqualTo("BIG"));
    }

    [Test]
    public void Structs_arrays_and_unions_are_nested_and_fields_of_nameless_ones_stand_among_the_others()
    {
        var u8 = _builder.Int("u8", 1);
        var u32 = _builder.Int("u32", 4);
        var bytes = _builder.Array(u8, 4);
        var word = _builder.Union("", 4, ("word", u32), ("bytes", bytes));
        var inner = _builder.Struct("inner", 4, ("x", _builder.Const(_builder.Typedef("t", u32)), 0));
        var outer = _builder.Struct("outer", 16, ("first", u32, 0), ("", word, 32), ("pair", _builder.Array(inner, 2), 64));
        const string Bytes = "01 00 00 00 02 03 00 00 04 00 00 00 05 00 00 00";
        Assert.That(Text(outer, Bytes), Is.EqualTo("{first: 1, word: 770, bytes: [2, 3, 0, 0], pair: [{x: 4}, {x: 5}]}"));
        Assert.That(Json(outer, Bytes), Is.EqualTo("""{"first":1,"word":770,"bytes":[2,3,0,0],"pair":[{"x":4},{"x":5}]}"""));
    }

    [Test]
    public void Bit_fields_are_cut_out_and_keep_their_sign()
    {
        var u32 = _builder.Int("u32", 4);
        var s32 = _builder.SignedInt("s32", 4);
        var mode = _builder.Enum("mode", ("OFF", 0), ("ON", 1));
        var boolean = _builder.Record("_Bool", BtfKind.Int, 0, 1, 8 | (4 << 24));
        var u64 = _builder.Int("u64", 8);
        var type = _builder.BitFields(
            "b", 16, ("a", u32, 0, 1), ("b", u32, 1, 7), ("c", s32, 8, 4), ("", u32, 12, 4), ("d", mode, 16, 2), ("e", boolean, 18, 1), ("f", u32, 32, 0), ("g", u64, 65, 63));
        Assert.That(
            Text(type, "83 ef 05 00 09 00 00 00 ff ff ff ff ff ff ff ff"),
            Is.EqualTo("{a: 1, b: 65, c: -1, d: ON, e: true, f: 9, g: 9223372036854775807}"));
    }

    [Test]
    public void Bit_fields_of_old_compilers_are_integers_of_few_bits()
    {
        var three = _builder.Record("u32", BtfKind.Int, 0, 4, 3 | (2 << 16)); // 3 bits from bit 2 on
        var type = _builder.Struct("old", 4, ("a", three, 8));
        Assert.That(Text(type, "00 14 00 00"), Is.EqualTo("{a: 5}"));
    }

    [TestCase("65 74 68 30 00 00 00 00", "\"eth0\"")]
    [TestCase("65 74 68 30 00 01 02 03", "\"eth0\"", Description = "what stands behind the end is rubbish")]
    [TestCase("00 00 00 00 00 00 00 00", "\"\"")]
    [TestCase("61 22 5c 62 63 64 65 66", "\"a\\\"\\\\bcdef\"")]
    [TestCase("00 61 00 00 00 00 00 00", "[0, 'a', 0, 0, 0, 0, 0, 0]")]
    [TestCase("c3 a4 00 00 00 00 00 00", "\"ä\"")]
    [TestCase("61 ff 00 00 00 00 00 00", "['a', -1, 0, 0, 0, 0, 0, 0]")]
    [TestCase("61 0a 00 00 00 00 00 00", "['a', 10, 0, 0, 0, 0, 0, 0]")]
    public void Arrays_of_char_are_texts_if_they_can_be(string bytes, string expected) =>
        Assert.That(Text(_builder.Array(_builder.SignedInt("char", 1), 8), bytes), Is.EqualTo(expected));

    [Test]
    public void Sections_are_printed_by_variable()
    {
        var u32 = _builder.Int("u32", 4);
        var section = _builder.Record(".data", BtfKind.DataSection, 2, 12, _builder.Variable("a", u32), 0, 4, _builder.Variable("b", u32), 8, 4);
        Assert.That(Text(section, "01 00 00 00 ff ff ff ff 02 00 00 00"), Is.EqualTo("{a: 1, b: 2}"));
    }

    [Test]
    public void Long_values_are_cut_and_the_rest_is_counted()
    {
        var u8 = _builder.Int("u8", 1);
        var array = _builder.Array(u8, 100);
        var text = _builder.Array(_builder.SignedInt("char", 1), 100);
        var pair = _builder.Struct("pair", 2, ("a", u8, 0), ("b", u8, 8));
        var nested = _builder.Struct("nested", 6, ("x", pair, 0), ("y", pair, 16), ("z", pair, 32));
        var options = new BpfPrintOptions { MaxArrayLength = 3, MaxTextLength = 4, MaxFields = 5 };
        var letters = string.Join(' ', Enumerable.Repeat("61", 100));
        Assert.That(Text(array, letters, options), Is.EqualTo("[97, 97, 97, … 97 more]"));
        Assert.That(Text(text, letters, options), Is.EqualTo("\"aaaa… 96 more\""));
        Assert.That(Text(nested, "01 02 03 04 05 06", options), Is.EqualTo("{x: {a: 1, b: 2}, y: {a: 3, … 1 more}, … 1 more}"));
        Assert.That(Json(array, letters, options), Is.EqualTo("""[97,97,97,"… 97 more"]"""));
        Assert.That(Json(nested, "01 02 03 04 05 06", options), Is.EqualTo("""{"x":{"a":1,"b":2},"y":{"a":3,"…":"1 more"},"…":"1 more"}"""));
    }

    [Test]
    public void Names_cannot_break_the_line()
    {
        var type = _builder.Struct("s", 1, ("a\nb", _builder.Int("u8", 1), 0));
        Assert.That(Text(type, "01"), Is.EqualTo("{a\\u000ab: 1}"));
    }

    [Test]
    public void What_cannot_be_printed_is_told_by_one_exception()
    {
        var u32 = _builder.Int("u32", 4);
        var function = _builder.Record("", BtfKind.FuncProto, 0, 0);
        var wide = _builder.Struct("wide", 4, ("a", u32, 16));
        var self = _builder.Record("self", BtfKind.Struct, 1, 4, 0, 5, 0); // type 4: a nameless field of type 5
        _ = _builder.Record("back", BtfKind.Struct, 1, 4, 0, self, 0);
        var crooked = _builder.Struct("crooked", 8, ("a", u32, 3));
        Assert.That(() => Text(u32, "01 02"), Refused("BTF: type 1 ('u32') has 4 bytes at 0, the value has 2"));
        Assert.That(() => Text(function, "00"), Refused("BTF: type 2 ('', FuncProto) has no values"));
        Assert.That(() => Text(0, "00"), Refused("BTF: type 0 ('', Void) has no values"));
        Assert.That(() => Text(wide, "00 00 00 00"), Refused("BTF: type 1 ('u32') has 4 bytes at 0, the value has 2"));
        Assert.That(() => Text(self, "00 00 00 00"), Throws.TypeOf<InvalidBpfObjectException>().With.Message.EndsWith("contains itself"));
        Assert.That(() => Text(crooked, "00 00 00 00 00 00 00 00"), Refused("BTF: a field of 'crooked' starts within a byte"));
        Assert.That(() => Text(99, "00"), Refused("BTF: type 99 of 6"));
    }

    [Test]
    public void Any_types_print_any_bytes_within_bounds_or_are_refused([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var options = new BpfPrintOptions { MaxFields = 200, MaxArrayLength = 20 };
        var printed = 0;
        const int Rounds = 10_000;
        for (var round = 0; round < Rounds; round++)
        {
            // Small numbers, so that types refer to each other.
            _builder = new();
            _ = _builder.Int("n", 1);
            _ = _builder.SignedInt("char", 1);
            for (var types = random.Next(1, 10); types > 0; types--)
            {
                var kind = (BtfKind)random.Next(1, 20);
                var count = random.Next(0, 4);
                var rest = Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? (uint)random.Next(0, 3) : (uint)random.Next(0, 12) * (random.Next(8) == 0 ? 8U : 1));
                _ = _builder.Record(random.Next(2) == 0 ? "t" : "", kind, random.Next(4) == 0 ? count | (1 << 31) : count, (uint)random.Next(0, 12), [.. rest.Take(Words(kind, count))]);
            }

            var value = new byte[random.Next(0, 40)];
            random.NextBytes(value);
            var index = BtfIndex.Parse(_builder.Build());
            for (uint type = 1; type <= index.Count; type++)
            {
                var id = type;
                var text = new StringBuilder();
                if (Fuzz.IsRead(() => new BtfPrinter(index, options).Print(id, value, new TextOutput(text))))
                    printed++;
                Assert.That(text.Length, Is.LessThan(20_000));
                _ = Fuzz.IsRead(() => PrintJson(index, id, value, options));
            }
        }

        Assert.That(printed, Is.GreaterThan(Rounds / 10), "both ways must be taken often, or the bytes tell nothing");
    }

    private static int Words(BtfKind kind, int count) => kind switch
    {
        BtfKind.Int or BtfKind.Var or BtfKind.DeclTag => 1,
        BtfKind.Array => 3,
        BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 3 * count,
        BtfKind.Enum or BtfKind.FuncProto => 2 * count,
        _ => 0,
    };

    private static NUnit.Framework.Constraints.EqualStringConstraint Refused(string message) =>
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo(message);

    private string Text(uint type, string bytes, BpfPrintOptions? options = null)
    {
        var text = new StringBuilder();
        new BtfPrinter(BtfIndex.Parse(_builder.Build()), options ?? new()).Print(type, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), new TextOutput(text));
        return text.ToString();
    }

    private string Json(uint type, string bytes, BpfPrintOptions? options = null) => PrintJson(
        BtfIndex.Parse(_builder.Build()), type, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), options ?? new());

    private static string PrintJson(BtfIndex index, uint type, byte[] value, BpfPrintOptions options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            new BtfPrinter(index, options).Print(type, value, new JsonOutput(json));
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
