using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;
using Datapath.Linux.Tests.Elf;
using Datapath.Linux.Tests.Fuzzing;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What is read from an object file, and what is said of one that cannot be used.</summary>
public class BpfObjectSpecTests
{
    private const ulong Exit = 0x95;

    [Test]
    public void The_object_of_socket_load_balancing_has_its_programs_and_maps()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        Assert.That(spec.License, Is.EqualTo("Dual BSD/GPL"));
        Assert.That(spec.Programs.Keys.Order(), Is.EqualTo(new[]
        {
            "dp_connect4", "dp_connect6", "dp_getpeername4", "dp_getpeername6", "dp_post_bind4", "dp_post_bind6", "dp_recvmsg4", "dp_recvmsg6", "dp_sendmsg4", "dp_sendmsg6",
        }));
        Assert.That(spec.Programs["dp_sendmsg6"].AttachType, Is.EqualTo(AttachType.CgroupUdp6Sendmsg));
        Assert.That(spec.Maps["dp_frontends4"], Is.EqualTo(spec.Maps["dp_frontends4"] with
        {
            Type = MapType.Hash,
            KeySize = 8,
            ValueSize = 8,
            MaxEntries = 65536,
            Flags = MapFlags.ReadOnlyForPrograms,
        }));
        Assert.That(spec.DataSections[".rodata"].Variables, Is.SupersetOf(new[] { SocketLbObject.IsWeaklyOrdered, SocketLbObject.NoBackendErrno }));
        Assert.That(spec.DataSections[".rodata"].IsReadOnly, Is.True);
    }

    [Test]
    public void A_spec_shows_the_types_of_its_maps()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        var map = spec.Maps[SocketLbObject.Frontends4];
        Assert.That((map.KeyType.Kind, map.KeyType.Size), Is.EqualTo((BtfKind.Struct, (uint?)map.KeySize)));
        Assert.That(spec.Types.Find(BtfKind.Struct, map.KeyType.Name), Is.EqualTo(map.KeyType));
        Assert.That(spec.Types.Find(BtfKind.Func, "dp_connect4").Parameters.Select(static p => p.Type.ToString()), Is.EqualTo(["struct bpf_sock_addr *"]));
        Assert.That(map.ValueType.Size, Is.EqualTo(map.ValueSize));
        map.ValueSize += 8;
        Assert.That(map.ValueType, Is.EqualTo(default(BtfType)), "of another size it is of another type");
        Assert.That(MapSpec.Hash<uint, ulong>("counts", 4).KeyType.Kind, Is.EqualTo(BtfKind.Void), "a map of no object");
    }

    [Test]
    public void A_program_is_listed_with_what_it_refers_to_and_its_source_lines()
    {
        var program = BpfObjectSpec.Parse(Corpus.Object("core")).Programs["ask"];
        var listing = program.Disassemble();
        Assert.That(listing[^1].Number + 1, Is.EqualTo(program.InstructionCount));
        Assert.That(listing.Select(static i => i.Text), Has.Some.EqualTo("exit").And.None.Contains("unknown"));
        Assert.That(listing.Where(static i => i.Source is not null).Select(static i => i.Source), Is.Not.Empty.And.All.Match(@"^core\.bpf\.c:\d+ "));
        var linked = BpfObjectSpec.Parse(SocketLbObject.Read()).Programs["dp_connect4"].Disassemble();
        Assert.That(linked.Select(static i => i.Text), Has.Some.EqualTo("r1 = map 'dp_frontends4'").And.Some.Match("^r[0-9] = \\.rodata \\+ [0-9]+$"));
    }

    [Test]
    public void Maps_of_the_same_file_are_equal()
    {
        var (first, second) = (BpfObjectSpec.Parse(SocketLbObject.Read()), BpfObjectSpec.Parse(SocketLbObject.Read()));
        Assert.That(second.Types, Is.EqualTo(first.Types).And.Not.SameAs(first.Types));
        Assert.That(second.Maps[SocketLbObject.Frontends4], Is.EqualTo(first.Maps[SocketLbObject.Frontends4]));
    }

    [Test]
    public void A_stream_is_read_from_where_it_stands_and_stays_open()
    {
        using var stream = new MemoryStream([1, 2, 3, .. SocketLbObject.Read()]) { Position = 3 };
        Assert.That(BpfObjectSpec.Parse(stream).Programs.Keys, Is.EquivalentTo(BpfObjectSpec.Parse(SocketLbObject.Read()).Programs.Keys));
        Assert.That((stream.CanRead, stream.Position), Is.EqualTo((true, stream.Length)));
    }

    [Test]
    public void Reading_twice_gives_two_specs_that_do_not_share_what_is_set()
    {
        var (first, second) = (BpfObjectSpec.Parse(SocketLbObject.Read()), BpfObjectSpec.Parse(SocketLbObject.Read()));
        first.Maps[SocketLbObject.Frontends4].MaxEntries = 7;
        first.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.NoBackendErrno, 99);
        Assert.That(second.Maps[SocketLbObject.Frontends4].MaxEntries, Is.EqualTo(65536));
        Assert.That(second.DataSections[SocketLbObject.Knobs].Content.ToArray(), Has.None.EqualTo(99).And.Some.EqualTo(111));
    }

    [Test]
    public void A_variable_is_set_only_by_its_name_and_size()
    {
        var knobs = BpfObjectSpec.Parse(SocketLbObject.Read()).DataSections[SocketLbObject.Knobs];
        Assert.That(() => knobs.Set("dp_nothing", 1), Throws.ArgumentException.With.Message.Contains("has no variable 'dp_nothing'; it has dp_"));
        Assert.That(() => knobs.Set(SocketLbObject.NoBackendErrno, 1L), Throws.ArgumentException.With.Message.Contains("has 4 bytes, Int64 has 8"));
    }

    [Test]
    public void Source_lines_are_put_in_the_order_of_instructions_and_left_out_if_two_are_at_one()
    {
        var expected = BpfObjectSpec.Parse(SocketLbObject.Read()).Programs["dp_connect4"].Lines;
        var file = SocketLbObject.Read();
        var lines = FirstLines(file, "cgroup/connect4");
        var (second, third) = (lines[1], lines[2]);
        (lines[1], lines[2]) = (third, second);
        Assert.That(BpfObjectSpec.Parse(file).Programs["dp_connect4"].Lines, Is.EqualTo(expected).And.Not.Empty);
        lines[2] = third;
        Assert.That(BpfObjectSpec.Parse(file).Programs["dp_connect4"].Lines, Is.Empty);
    }

    [Test]
    public void Text_is_no_object_file() =>
        AssertRefused("hello, world; this is no object file, though it has a good many more than 64 bytes"u8.ToArray(), "not an ELF file");

    [Test]
    public void An_object_of_another_machine_is_refused() =>
        AssertRefused(new ElfBuilder { Machine = 62 }.Build(), "made for machine 62, not for BPF (247); compile with -target bpfel");

    [Test]
    public void A_big_endian_object_is_refused() =>
        AssertRefused(new ElfBuilder { DataEncoding = 2 }.Build(), "not a 64-bit little-endian ELF file; compile with -target bpfel");

    [Test]
    public void A_32_bit_object_is_refused() =>
        AssertRefused(new ElfBuilder { Class = 1 }.Build(), "not a 64-bit little-endian ELF file; compile with -target bpfel");

    [Test]
    public void An_object_without_types_is_refused() => AssertRefused(new ElfBuilder().Build(), "no section '.BTF'; compile with -g");

    [Test]
    public void An_object_without_a_license_is_refused()
    {
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", new BtfBuilder().Build());
        AssertRefused(elf.Build(), "no section 'license'; the kernel offers most helpers only to a GPL-compatible program");
    }

    [Test]
    public void A_called_function_is_placed_once_behind_the_program()
    {
        var elf = Valid();
        var text = elf.Program(".text", "twice", 0xb4, Exit);
        var program = elf.Program("tc", "run", 0xffffffff_00001085, 0xffffffff_00001085, Exit);
        var twice = elf.Symbol("", ElfSymbolType.Section, text, 0, 0);
        elf.Relocation(program, 0, ElfRelocationType.Call, twice);
        elf.Relocation(program, 8, ElfRelocationType.Call, twice);
        var spec = BpfObjectSpec.Parse(elf.Build());
        Assert.That(spec.Programs.Keys, Is.EqualTo(new[] { "run" }));
        Assert.That(
            MemoryMarshal.Cast<byte, ulong>(spec.Programs["run"].Instructions.Span).ToArray(),
            Is.EqualTo(new ulong[] { 0x2_00001085, 0x1_00001085, Exit, 0xb4, Exit }));
    }

    [Test]
    public void A_call_of_what_is_no_function_is_refused()
    {
        var elf = Valid();
        _ = elf.Program("tc", "run", 0x5_00001085, Exit);
        AssertRefused(elf.Build(), "program 'run' refers to byte 48 of section 3, where no function starts");
    }

    [Test]
    public void A_program_behind_a_question_mark_is_not_enabled_and_a_target_is_kept()
    {
        var elf = Valid();
        _ = elf.Program("?tracepoint/syscalls/sys_enter_openat", "trace", Exit);
        _ = elf.Program("iter/task", "walk", Exit);
        var spec = BpfObjectSpec.Parse(elf.Build());
        Assert.That((spec.Programs["trace"].Type, spec.Programs["trace"].AttachTarget), Is.EqualTo((ProgramType.Tracepoint, "syscalls/sys_enter_openat")));
        Assert.That((spec.Programs["walk"].AttachType, spec.Programs["walk"].AttachTarget), Is.EqualTo((AttachType.TraceIterator, "task")));
        Assert.That((spec.Programs["trace"].IsEnabled, spec.Programs["walk"].IsEnabled), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_relocation_of_another_type_is_refused()
    {
        var elf = Valid();
        var program = elf.Program("cgroup/connect4", "dial", 0x18, 0, Exit);
        elf.Relocation(program, 0, 2, elf.Symbol("x", ElfSymbolType.Object, program, 0, 8));
        AssertRefused(elf.Build(), "program 'dial': relocation type 2 is not supported");
    }

    [Test]
    public void A_relocation_of_something_that_is_no_load_is_refused()
    {
        var elf = Valid();
        var program = elf.Program("cgroup/connect4", "dial", 0xb7, Exit);
        elf.Relocation(program, 0, ElfRelocationType.LoadImmediate64, elf.Symbol("x", ElfSymbolType.Object, program, 0, 8));
        AssertRefused(elf.Build(), "program 'dial': the instruction at 0 is no 64-bit load and no call, yet has a relocation");
    }

    [Test]
    public void A_reference_to_what_is_neither_map_nor_variable_is_refused()
    {
        var elf = Valid();
        var program = elf.Program("cgroup/connect4", "dial", 0x18, 0, Exit);
        elf.Relocation(program, 0, ElfRelocationType.LoadImmediate64, elf.Symbol("word", ElfSymbolType.Object, 1, 0, 0));
        AssertRefused(elf.Build(), "program 'dial' refers to 'word', which is neither a map, a variable nor a function");
    }

    [TestCase("kprobe/do_exit", ProgramType.Kprobe, null, "do_exit")]
    [TestCase("kretprobe", ProgramType.Kprobe, null, "")]
    [TestCase("kprobe.multi/tcp_*", ProgramType.Kprobe, AttachType.TraceKprobeMulti, "tcp_*")]
    [TestCase("kretprobe.multi/tcp_*", ProgramType.Kprobe, AttachType.TraceKprobeMulti, "tcp_*")]
    [TestCase("kprobe.session/tcp_*", ProgramType.Kprobe, AttachType.TraceKprobeSession, "tcp_*")]
    [TestCase("ksyscall/openat", ProgramType.Kprobe, null, "openat")]
    [TestCase("kretsyscall/openat", ProgramType.Kprobe, null, "openat")]
    [TestCase("uprobe//usr/lib/libc.so.6:malloc", ProgramType.Kprobe, null, "/usr/lib/libc.so.6:malloc")]
    [TestCase("uretprobe.s//bin/sh:main", ProgramType.Kprobe, null, "/bin/sh:main", ProgramFlags.Sleepable)]
    [TestCase("uprobe.multi.s//bin/sh:a*", ProgramType.Kprobe, AttachType.TraceUprobeMulti, "/bin/sh:a*", ProgramFlags.Sleepable)]
    [TestCase("uprobe.session//bin/sh:a*", ProgramType.Kprobe, AttachType.TraceUprobeSession, "/bin/sh:a*")]
    [TestCase("usdt/libc:libc:memory_sbrk_more", ProgramType.Kprobe, null, "libc:libc:memory_sbrk_more")]
    [TestCase("fentry/tcp_connect", ProgramType.Tracing, AttachType.TraceFunctionEntry, "tcp_connect")]
    [TestCase("fexit.s/x", ProgramType.Tracing, AttachType.TraceFunctionExit, "x", ProgramFlags.Sleepable)]
    [TestCase("fmod_ret/x", ProgramType.Tracing, AttachType.ModifyReturn, "x")]
    [TestCase("freplace/x", ProgramType.Extension, null, "x")]
    [TestCase("lsm/file_open", ProgramType.Lsm, AttachType.LsmMac, "file_open")]
    [TestCase("lsm.s/bpf", ProgramType.Lsm, AttachType.LsmMac, "bpf", ProgramFlags.Sleepable)]
    [TestCase("lsm_cgroup/socket_bind", ProgramType.Lsm, AttachType.LsmCgroup, "socket_bind")]
    [TestCase("tp_btf/sched_switch", ProgramType.Tracing, AttachType.TraceRawTracepoint, "sched_switch")]
    [TestCase("netkit/primary", ProgramType.SchedClassifier, AttachType.NetkitPrimary, "")]
    [TestCase("tc", ProgramType.SchedClassifier, null, "")]
    [TestCase("lsm", ProgramType.Unspecified, null, "")]
    public void Sections_of_tracing_and_security_say_kind_hook_and_target(
        string section, ProgramType type, AttachType? hook, string target, ProgramFlags flags = ProgramFlags.None)
    {
        var elf = Valid();
        _ = elf.Program(section, "run", Exit);
        var program = BpfObjectSpec.Parse(elf.Build()).Programs["run"];
        Assert.That((program.Type, program.AttachType, program.AttachTarget, program.Flags), Is.EqualTo((type, hook, target, flags)));
    }

    [Test]
    public void A_program_of_an_unknown_section_is_kept_and_refused_at_the_load()
    {
        var elf = Valid();
        _ = elf.Program("watch/libc:read", "watch", Exit);
        _ = elf.Program("?ends/do_exit", "ends", Exit);
        var spec = BpfObjectSpec.Parse(elf.Build());
        var (watch, ends) = (spec.Programs["watch"], spec.Programs["ends"]);
        Assert.That((watch.Type, watch.SectionName, watch.IsEnabled), Is.EqualTo((ProgramType.Unspecified, "watch/libc:read", true)));
        Assert.That((ends.Type, ends.SectionName, ends.IsEnabled), Is.EqualTo((ProgramType.Unspecified, "ends/do_exit", false)));
        Assert.That(
            () => BpfObject.Load(spec),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.StartsWith("program 'watch': section 'watch/libc:read' is no known program; set the program's type"));
    }

    [TestCase(BtfKind.Func)]
    [TestCase(BtfKind.Var)]
    public void What_is_declared_and_not_defined_is_named(object kind)
    {
        var btf = new BtfBuilder();
        var number = btf.Int("int", 4);
        _ = kind is BtfKind.Var
            ? btf.Record("elsewhere", BtfKind.Var, 0, number, (uint)BtfLinkage.Extern)
            : btf.Record("elsewhere", BtfKind.Func, (int)BtfLinkage.Extern, btf.Record("", BtfKind.FuncProto, 0, number));
        Assert.That(
            () => BpfObjectSpec.Parse(Valid(btf).Build()),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.StartsWith("'elsewhere' is declared (extern), yet defined nowhere in the file"));
    }

    [Test]
    public void Maps_of_the_form_before_BTF_are_refused()
    {
        var elf = Valid();
        _ = elf.Section("maps", new byte[20]);
        AssertRefused(elf.Build(), "section 'maps' holds maps of the form before BTF; define them in section '.maps'");
    }

    [Test]
    public void A_program_that_is_there_twice_is_refused()
    {
        var elf = Valid();
        _ = elf.Program("cgroup/connect4", "dial", Exit);
        _ = elf.Program("cgroup/connect6", "dial", Exit);
        AssertRefused(elf.Build(), "program 'dial' is there twice");
    }

    [Test]
    public void A_section_of_variables_that_is_there_twice_is_refused()
    {
        var elf = Valid();
        _ = elf.Section(".data", new byte[4]);
        _ = elf.Section(".data", new byte[8]);
        AssertRefused(elf.Build(), "section '.data' is there twice");
    }

    [Test]
    public void A_map_that_is_there_twice_is_refused()
    {
        var btf = new BtfBuilder();
        var word = btf.Int("word", 4);
        _ = btf.DataSection(".maps", btf.Map("counts", 2, word, word, 8), btf.Map("counts", 2, word, word, 9));
        AssertRefused(Valid(btf).Build(), "map 'counts' is there twice");
    }

    [Test]
    public void A_map_without_a_type_is_refused()
    {
        var btf = new BtfBuilder();
        _ = btf.DataSection(".maps", btf.Variable("counts", btf.Struct("", 8, ("value", btf.Pointer(btf.Int("word", 4)), 0))));
        AssertRefused(Valid(btf).Build(), "map 'counts': field 'type' is missing");
    }

    [Test]
    public void A_map_with_an_unknown_field_is_refused()
    {
        var btf = new BtfBuilder();
        _ = btf.DataSection(".maps", btf.Variable("counts", btf.Struct("", 8, ("colour", btf.Pointer(btf.Int("word", 4)), 0))));
        AssertRefused(Valid(btf).Build(), "map 'counts': field 'colour' is not supported");
    }

    [Test]
    public void A_section_of_variables_without_end_is_refused()
    {
        var elf = Valid();
        _ = elf.Section(".bss", [], ElfSectionType.NoBits, size: uint.MaxValue / 2);
        AssertRefused(elf.Build(), "section '.bss' has 2147483647 bytes; 67108864 is the most for all sections of variables together");
    }

    [Test]
    public void Sections_of_variables_are_limited_together()
    {
        var elf = Valid();
        for (var i = 0; i < 3; i++)
            _ = elf.Section($".bss.{i}", [], ElfSectionType.NoBits, size: 1 << 25);
        AssertRefused(elf.Build(), "section '.bss.2' has 33554432 bytes; 67108864 is the most for all sections of variables together");
    }

    [Test]
    public void A_variable_outside_its_section_is_refused()
    {
        var elf = Valid();
        _ = elf.Symbol("knob", ElfSymbolType.Object, elf.Section(".data", new byte[4]), 2, 4);
        AssertRefused(elf.Build(), "variable 'knob' lies outside section '.data'");
    }

    [Test]
    public void Programs_maps_and_variables_are_told_apart_in_relocations()
    {
        var btf = new BtfBuilder();
        var word = btf.Int("word", 4);
        _ = btf.DataSection(".maps", btf.Map("counts", (uint)MapType.Array, word, word, 8));
        var elf = Valid(btf);
        var maps = elf.Section(".maps", new byte[32]);
        var data = elf.Section(".data", new byte[16]);
        var program = elf.Program("cgroup/recvmsg4", "name", 0x18, 0, 0x4_00000018, 0, 0x95);
        elf.Relocation(program, 0, ElfRelocationType.LoadImmediate64, elf.Symbol("counts", ElfSymbolType.Object, maps, 0, 32));
        elf.Relocation(program, 16, ElfRelocationType.LoadImmediate64, elf.Symbol("second", ElfSymbolType.Object, data, 8, 4));
        var name = BpfObjectSpec.Parse(elf.Build()).Programs["name"];
        Assert.That(name.AttachType, Is.EqualTo(AttachType.CgroupUdp4Recvmsg));
        Assert.That(name.Instructions.Length, Is.EqualTo(40));
        Assert.That(name.Relocations, Is.EqualTo(new ProgramRelocation[] { new(0, ProgramRelocationKind.Map, "counts"), new(16, ProgramRelocationKind.Variable, ".data", 12) }));
    }

    // The records of the lines of a section, in the file itself.
    private static Span<BtfLineInfo> FirstLines(byte[] file, string section)
    {
        var elf = ElfFile.Parse(file);
        Assert.That(MemoryMarshal.TryGetArray(elf.FindSection(".BTF.ext")!.Data, out var place), Is.True);
        var btf = BtfFile.Parse(elf.FindSection(".BTF")!.Data);
        var header = MemoryMarshal.Cast<byte, uint>(place.AsSpan());
        var rest = place.AsSpan((int)(header[1] + header[4] + sizeof(uint)));
        while (true)
        {
            var (name, count) = (MemoryMarshal.Read<uint>(rest), MemoryMarshal.Read<int>(rest[4..]));
            rest = rest[8..];
            if (btf.Text(name) == section)
                return MemoryMarshal.Cast<byte, BtfLineInfo>(rest[..(count * 16)]);
            rest = rest[(count * 16)..];
        }
    }

    private static ElfBuilder Valid(BtfBuilder? btf = null)
    {
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", (btf ?? new BtfBuilder()).Build());
        _ = elf.Section("license", "GPL\0"u8.ToArray());
        return elf;
    }

    private static void AssertRefused(byte[] file, string message) =>
        Assert.That(() => BpfObjectSpec.Parse(file), Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo(message));
}
