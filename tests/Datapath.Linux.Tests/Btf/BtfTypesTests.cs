using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Fuzzing;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Types as they are shown to whoever uses the library.</summary>
public class BtfTypesTests
{
    private static readonly BtfTypes s_kernel = KernelBtf.Parse(Corpus.KernelTypes).Types;

    [Test]
    public void A_struct_tells_its_size_and_the_places_of_its_fields()
    {
        var header = s_kernel.Find(BtfKind.Struct, "iphdr");
        Assert.That((header.Name, header.Kind, header.Size), Is.EqualTo(("iphdr", BtfKind.Struct, (uint?)20)));
        Assert.That(header.NameUtf8.SequenceEqual("iphdr"u8));
        var version = header.Fields.Single(static f => f.Name == "version");
        Assert.That((version.BitOffset, version.Offset, version.BitSize), Is.EqualTo((4U, 0U, 4U)), "a bit field");
        var protocol = header.Fields.Single(static f => f.Name == "protocol");
        Assert.That((protocol.BitOffset, protocol.Offset, protocol.BitSize), Is.EqualTo((72U, 9U, 0U)));
        Assert.That((protocol.Type.Name, protocol.Type.Kind, protocol.Type.Size), Is.EqualTo(("__u8", BtfKind.Typedef, (uint?)1)));
        Assert.That((protocol.Type.Underlying.Name, protocol.Type.Underlying.Kind), Is.EqualTo(("unsigned char", BtfKind.Int)));
        Assert.That(protocol.ToString(), Is.EqualTo("protocol (__u8) at 9"));
        Assert.That(version.ToString(), Is.EqualTo("version (__u8) at 0, bits 4 to 7"));
    }

    [Test]
    public void A_field_is_found_by_path_and_inside_unnamed_structs()
    {
        var builder = new BtfBuilder();
        var number = builder.Int("int", 4);
        var inner = builder.Struct("", 8, ("a", number, 0), ("b", number, 32));
        var either = builder.Union("", 8, ("whole", number), ("", inner));
        var named = builder.Typedef("named_t", builder.Struct("named", 12, ("first", number, 0), ("", either, 32)));
        var id = builder.Struct("outer", 16, ("x", number, 0), ("n", builder.Const(named), 32));
        var outer = Parse(builder)[id];
        Assert.That(Place("n"), Is.EqualTo(32));
        Assert.That(Place("n.first"), Is.EqualTo(32));
        Assert.That(Place("n.whole"), Is.EqualTo(64));
        Assert.That(Place("n.b"), Is.EqualTo(96), "in a struct in a union, neither of which has a name");
        foreach (var path in new[] { "", ".", "n.", ".n", "n.never", "x.y", "a", "n.first.more" })
            Assert.That((path, outer.TryFindField(path, out var field), field), Is.EqualTo((path, false, default(BtfField))));
        Assert.That(outer.TryFindField("n.b"u8, out var found) && found.Name == "b");

        uint Place(string path) => outer.TryFindField(path, out var field) ? field.BitOffset : uint.MaxValue;
    }

    [Test]
    public void An_enum_tells_its_values_with_their_signs()
    {
        var builder = new BtfBuilder();
        var signed = builder.Enum("signed", ("down", -1), ("up", 1));
        var large = builder.Enum64("large", ("all", -1));
        var types = Parse(builder);
        Assert.That(types[signed].Values.Select(static v => (v.Name, v.Value)), Is.EqualTo(new[] { ("down", -1L), ("up", 1L) }));
        Assert.That((types[signed].IsSigned, types[signed].Size, types[large].Size), Is.EqualTo((true, (uint?)4, (uint?)8)));
        Assert.That(types[large].Values[0].ToString(), Is.EqualTo("all = -1"));
        Assert.That(types[signed].Fields, Is.Empty);
    }

    [Test]
    public void A_function_tells_its_parameters_and_what_it_returns()
    {
        var builder = new BtfBuilder();
        var number = builder.Int("int", 4);
        var sock = builder.Pointer(builder.Struct("sock", 8));
        var prototype = builder.Prototype(number, ("sk", sock), ("flags", number));
        var function = builder.Record("tcp_connect", BtfKind.Func, 1, prototype);
        var type = Parse(builder)[function];
        Assert.That(type.Parameters.Select(static p => p.ToString()), Is.EqualTo(["sk (struct sock *)", "flags (int)"]));
        Assert.That(type.Target.Parameters, Is.EqualTo(type.Parameters), "of its prototype");
        Assert.That((type.ReturnType.Name, type.Target.Kind, type.Linkage), Is.EqualTo(("int", BtfKind.FuncProto, BtfLinkage.Global)));
        Assert.That(type.Size, Is.Null);
        Assert.That(type.ToC(), Is.EqualTo("int tcp_connect(struct sock *sk, int flags);"));
    }

    [Test]
    public void A_definition_reads_as_C()
    {
        var builder = new BtfBuilder();
        var number = builder.Int("int", 4);
        var letter = builder.Int("char", 1);
        var text = builder.Pointer(builder.Const(letter));
        var union = builder.Union("", 4, ("word", number), ("bytes", builder.Array(letter, 4)));
        var bits = builder.BitFields("", 4, ("low", number, 0, 3), ("", number, 3, 5));
        var call = builder.Pointer(builder.Prototype(0, ("", text), ("", 0)));
        var colour = builder.Enum("colour", ("RED", -2), ("BLUE", 3));
        var pair = builder.Struct(
            "pair",
            64,
            ("names", builder.Array(text, 2), 0),
            ("row", builder.Pointer(builder.Array(builder.Array(number, 3), 2)), 128),
            ("", union, 192),
            ("flags", bits, 224),
            ("handler", call, 256),
            ("colour", colour, 320),
            ("self", builder.Const(builder.Pointer(0)), 384));
        var alias = builder.Typedef("pair_t", builder.Struct("", 4, ("a", number, 0)));
        var variable = builder.Variable("row", builder.Array(number, 3));
        var types = Parse(builder);
        Assert.That(types[pair].ToC(), Is.EqualTo("""
            struct pair {
            	const char *names[2];
            	int (*row)[2][3];
            	union {
            		int word;
            		char bytes[4];
            	};
            	struct {
            		int low : 3;
            		int : 5;
            	} flags;
            	void (*handler)(const char *, ...);
            	enum colour colour;
            	void *const self;
            };
            """));
        Assert.That(types[colour].ToC(), Is.EqualTo("enum colour {\n\tRED = -2,\n\tBLUE = 3,\n};"));
        Assert.That(types[alias].ToC(), Is.EqualTo("typedef struct {\n\tint a;\n} pair_t;"));
        Assert.That(types[variable].ToC(), Is.EqualTo("int row[3];"));
        Assert.That(types[call].ToC(), Is.EqualTo("void (*)(const char *, ...)"));
        Assert.That(types[call].ToString(), Is.EqualTo("void (*)(char *, ...)"), "a name has no qualifiers");
        Assert.That((types[0].ToC(), default(BtfType).ToC(), default(BtfType).ToString()), Is.EqualTo(("void", "void", "void")));
    }

    [Test]
    public void Types_are_walked_over_and_looked_up()
    {
        Assert.That(s_kernel.Select(static t => t.Id), Is.EqualTo(Enumerable.Range(1, s_kernel.Count).Select(static id => (uint)id)));
        Assert.That(s_kernel.TryFind(BtfKind.Union, "iphdr", out var none), Is.False);
        Assert.That((none, none.Kind, none.Name, none.Size), Is.EqualTo((default(BtfType), BtfKind.Void, "", (uint?)null)));
        Assert.That(() => s_kernel.Find(BtfKind.Union, "iphdr"), Throws.TypeOf<KeyNotFoundException>().With.Message.StartsWith("there is no Union 'iphdr' among"));
        Assert.That(() => s_kernel[(uint)s_kernel.Count + 1], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => s_kernel.Find(BtfKind.Struct, "iphdr").Fields[99], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(s_kernel.FindAll("iphdr"), Is.EqualTo([s_kernel.Find(BtfKind.Struct, "iphdr")]));
        Assert.That(s_kernel.FindAll("never"), Is.Empty);
        Assert.That(KernelBtf.Parse(Corpus.KernelTypes).Types, Is.EqualTo(s_kernel), "the same bytes");
        Assert.That(KernelBtf.Parse(new BtfBuilder().Build()).Types, Is.Not.EqualTo(s_kernel));
    }

    [Test]
    public void Looking_at_types_in_place_allocates_nothing()
    {
        _ = Look(); // what the runtime allocates once
        var before = GC.GetAllocatedBytesForCurrentThread();
        var size = Look();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(size, Is.Positive);

        static ulong Look()
        {
            ulong sum = 0;
            foreach (var type in s_kernel)
            {
                sum += (uint)type.NameUtf8.Length + type.Id + type.Target.Id;
                foreach (var field in type.Fields)
                    sum += field.Offset + field.Type.Id + (uint)field.NameUtf8.Length;
                foreach (var value in type.Values)
                    sum += (ulong)value.Value;
            }

            return s_kernel.TryFind(BtfKind.Struct, "iphdr"u8, out var header) ? sum + header.Size!.Value : 0;
        }
    }

    [Test]
    public void Types_that_contain_themselves_are_refused_when_they_are_looked_at()
    {
        var builder = new BtfBuilder();
        _ = builder.Struct("", 4, ("", 1, 0), ("", 1, 0)); // 1
        _ = builder.Typedef("loop", 2); // 2
        _ = builder.Pointer(3); // 3
        _ = builder.Prototype(4, ("", 4), ("", 4)); // 4
        _ = builder.Pointer(99); // 5
        var types = Parse(builder);
        Assert.That(() => types[1].TryFindField("never", out _), Throws.TypeOf<InvalidBpfObjectException>());
        Assert.That(() => types[2].Underlying, Throws.TypeOf<InvalidBpfObjectException>());
        Assert.That(() => types[5].Target, Throws.TypeOf<InvalidBpfObjectException>());
        foreach (var id in new uint[] { 1, 3, 4, 5 })
            Assert.That(() => types[id].ToC(), Throws.TypeOf<InvalidBpfObjectException>(), $"type {id}");
        Assert.That(types[3].ToString(), Is.EqualTo("(broken type 3)"));
    }

    [Test]
    public void Broken_types_are_shown_or_refused([Values(1, 2)] int seed) =>
        new FuzzRun<InvalidBpfObjectException>("view", static input => Show(KernelBtf.Parse(input).Types)) { Allowance = 1 << 26 }
            .Run([Corpus.KernelTypes, .. Corpus.Sections(".BTF")], 2_000, seed);

    private static void Show(BtfTypes types)
    {
        foreach (var type in types)
        {
            _ = type.ToString();
            _ = type.TryFindField("skc_family", out _);
            _ = type.ToC();
            foreach (var parameter in type.Parameters)
                _ = parameter.ToString();
            foreach (var variable in type.Variables)
                _ = variable.Variable.Name;
            _ = (type.ReturnType, type.Target, type.Linkage, type.ArrayLength, type.Size);
        }
    }

    private static BtfTypes Parse(BtfBuilder builder) => KernelBtf.Parse(builder.Build()).Types;
}
