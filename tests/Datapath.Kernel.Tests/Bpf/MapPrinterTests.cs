using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Maps printed by the types that their program came with.</summary>
[TestFixture]
internal sealed class MapPrinterTests
{
    private BpfObject _loaded = null!;

    [OneTimeSetUp]
    public void Load() => _loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));

    [OneTimeTearDown]
    public void Unload() => _loaded.Dispose();

    [Test]
    public void A_hash_is_printed_with_names_of_fields_and_values()
    {
        Span<byte> state = stackalloc byte[44];
        state.Clear();
        state[0] = 7;
        "web"u8.CopyTo(state[4..]);
        MemoryMarshal.Write(state[16..], 0x0102_0304U);
        MemoryMarshal.Write(state[20..], 1U | (3U << 1) | (0xff_fffeU << 8)); // is_open, retries, delta
        state[24] = 1;
        MemoryMarshal.Write(state[28..], 11U);
        MemoryMarshal.Write(state[36..], 22U);
        MemoryMarshal.Write(state[40..], (ushort)80);
        var map = _loaded.Maps["states"];
        using var copy = BpfMap.OpenById(map.Info.Id);
        copy.AsHash<ulong, State>().Set(9 | (443UL << 32), MemoryMarshal.Read<State>(state));
        Assert.That(
            Print(map),
            Is.EqualTo("{address: 9, port: 443} => {verdict: VERDICT_DROP, name: \"web\", word: 16909060, bytes: [4, 3, 2, 1], is_open: 1, retries: 3, delta: -2, "
                + "seen: true, peers: [{address: 11, port: 0}, {address: 22, port: 80}]}\n"));
        var element = JsonDocument.Parse(Json(map)).RootElement[0];
        Assert.That(element.GetProperty("key").GetRawText(), Is.EqualTo("""{"address":9,"port":443}"""));
        Assert.That(element.GetProperty("value").GetProperty("verdict").GetString(), Is.EqualTo("VERDICT_DROP"));
        Assert.That(element.GetProperty("value").GetProperty("peers")[1].GetProperty("port").GetInt32(), Is.EqualTo(80));
    }

    [Test]
    public void Arrays_and_values_of_each_CPU_are_printed()
    {
        _loaded.Maps["numbers"].AsArray<ulong>()[1] = ulong.MaxValue;
        Assert.That(Print(_loaded.Maps["numbers"]), Is.EqualTo("0 => 0\n1 => 18446744073709551615\n2 => 0\n"));
        var values = Enumerable.Range(5, PossibleCpus.Count).ToArray();
        _loaded.Maps["cpu_hash"].AsPerCpuHash<uint, ulong>().Set(7, [.. values.Select(static v => (ulong)v)]);
        _loaded.Maps["cpu_array"].AsPerCpuArray<uint>().Set(1, [.. values.Select(static v => (uint)v)]);
        var each = string.Join(", ", values.Select(static (v, cpu) => $"cpu{cpu} {v}"));
        var none = string.Join(", ", values.Select(static (_, cpu) => $"cpu{cpu} 0"));
        Assert.That(Print(_loaded.Maps["cpu_hash"]), Is.EqualTo($"7 => {each}\n"));
        Assert.That(Print(_loaded.Maps["cpu_array"]), Is.EqualTo($"0 => {none}\n1 => {each}\n"));
        Assert.That(Json(_loaded.Maps["cpu_hash"]), Is.EqualTo($$"""[{"key":7,"values":[{{string.Join(',', values)}}]}]"""));
    }

    [Test]
    public void A_trie_is_printed()
    {
        _loaded.Maps["prefixes"].AsLpmTrie<Ipv4Prefix, uint>().Set(new(IPNetwork.Parse("10.1.0.0/16")), 5);
        Assert.That(Print(_loaded.Maps["prefixes"]), Is.EqualTo("{length: 16, address: [10, 1, 0, 0]} => 5\n"));
    }

    [Test]
    public void Variables_are_printed_by_name()
    {
        Assert.That(Print(_loaded.Maps[".data"]).Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EquivalentTo(["step = 5", "label = \"main\""]));
        Assert.That(Print(_loaded.Maps[".rodata"]), Is.EqualTo("limit = 900\n"));
        var before = Print(_loaded.Maps[".bss"]);
        _ = _loaded.Programs["a_program_with_a_long_name"].TestRun(new() { Data = new byte[64], Repeat = 2 });
        Assert.That((before, Print(_loaded.Maps[".bss"])), Is.EqualTo(("calls = 0\n", "calls = 2\n")));
        Assert.That(Json(_loaded.Maps[".rodata"]), Is.EqualTo("""[{"key":0,"value":{"limit":900}}]"""));
    }

    [Test]
    public void Without_types_bytes_are_printed()
    {
        using var map = BpfMap.Create(MapSpec.Hash<ushort, uint>("plain", 4));
        map.AsHash<ushort, uint>().Set(0x1234, 0xff);
        Assert.That(new BpfMapPrinter(map).HasTypes, Is.False);
        Assert.That(Print(map), Is.EqualTo("34 12 => ff 00 00 00\n"));
        Assert.That(Json(map), Is.EqualTo("""[{"key":"34 12","value":"ff 00 00 00"}]"""));
        Assert.That(Print(map, new() { MaxTextLength = 2 }), Is.EqualTo("34 12 => [ff 00, … 2 more]\n"));
    }

    [Test]
    public void Who_may_not_read_the_types_sees_bytes() => LimitedThread.RunWithout(LinuxCapabilities.SysAdmin, () =>
    {
        Assert.That(new BpfMapPrinter(_loaded.Maps[".rodata"]).HasTypes, Is.False);
        Assert.That(Print(_loaded.Maps[".rodata"]), Is.EqualTo("0 => 84 03 00 00 00 00 00 00\n"));
    });

    [Test]
    public void Maps_and_programs_in_maps_are_printed_by_number()
    {
        using var inner = BpfMap.Create(MapSpec.Array<uint>("inner", 1));
        using var outer = BpfMap.Create(MapSpec.ArrayOfMaps("outer", 3, MapSpec.Array<uint>("inner", 1)));
        outer.AsMapOfMaps<uint>().Set(1, inner);
        Assert.That(Print(outer), Is.EqualTo($"1 => {{map: {inner.Info.Id}}}\n"));
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        using var programs = BpfMap.Create(MapSpec.ProgramArray("programs", 4));
        programs.AsProgramArray().Set(2, program);
        Assert.That(Print(programs), Is.EqualTo($"2 => {{program: {program.Id}}}\n"));
        Assert.That(Json(programs), Is.EqualTo($$$"""[{"key":2,"value":{"program":{{{program.Id}}}}}]"""));
    }

    [Test]
    public void What_cannot_be_listed_says_why()
    {
        using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuffer, KeySize = 0, ValueSize = 0, MaxEntries = 4096 });
        using var queue = BpfMap.Create(MapSpec.Queue<uint>("queue", 4));
        Assert.That(
            () => Print(ring),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo("the elements of map 'ring' (RingBuffer) cannot be listed: its records are read by BpfRingBuffer, which uses them up"));
        Assert.That(
            () => Print(queue),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo("the elements of map 'queue' (Queue) cannot be listed: only its next element can be read"));
    }

    [Test]
    public void A_large_hash_is_printed_once_each_and_a_limit_ends_it()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, uint>("large", 3000));
        uint[] numbers = [.. Enumerable.Range(0, 3000).Select(static i => (uint)i)];
        map.AsHash<uint, uint>().SetAll(numbers, numbers);
        var lines = Print(map).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines.Distinct().Count(), Is.EqualTo(3000));
        Assert.That(lines, Has.Length.EqualTo(3000));
        Assert.That(Print(map, new() { MaxElements = 5 }).Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(5));
        Assert.That(JsonDocument.Parse(Json(map, new() { MaxElements = 5 })).RootElement.GetArrayLength(), Is.EqualTo(5));
    }

    [Test]
    public void Large_values_are_read_in_several_calls()
    {
        using var map = BpfMap.Create(new() { Name = "heavy", Type = MapType.Hash, KeySize = 4, ValueSize = 30_000, MaxEntries = 100, Flags = MapFlags.NoPrealloc });
        for (uint i = 0; i < 100; i++)
            map.UpdateRaw(i, new byte[30_000]);
        var keys = Print(map, new() { MaxTextLength = 4 }).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..11]).ToList();
        Assert.That(keys, Is.Unique.And.Count.EqualTo(100));
    }

    [Test]
    public void Printing_ends_while_others_change_the_map([Values(MapType.Hash, MapType.LpmTrie)] MapType type)
    {
        var isTrie = type is MapType.LpmTrie;
        using var map = BpfMap.Create(new()
        {
            Name = "busy",
            Type = type,
            KeySize = 8,
            ValueSize = 4,
            MaxEntries = 200,
            Flags = isTrie ? MapFlags.NoPrealloc : MapFlags.None,
        });
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (var i = 0U; !stop.IsCancellationRequested; i++)
            {
                var (added, removed) = (isTrie ? 32 | ((ulong)(i % 100) << 32) : i % 100, isTrie ? 32 | ((ulong)((i + 50) % 100) << 32) : (i + 50) % 100);
                if (isTrie)
                {
                    map.AsLpmTrie<ulong, uint>().Set(added, i);
                    _ = map.AsLpmTrie<ulong, uint>().Remove(removed);
                }
                else
                {
                    map.AsHash<ulong, uint>().Set(added, i);
                    _ = map.AsHash<ulong, uint>().Remove(removed);
                }
            }
        });
        writer.Start();
        try
        {
            for (var i = 0; i < 50; i++)
                Assert.That(Print(map).Count(static c => c == '\n'), Is.LessThanOrEqualTo((2 * 200) + 64));
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }
    }

    private static string Print(BpfMap map, BpfPrintOptions? options = null)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new BpfMapPrinter(map, options).Print(text);
        return text.ToString();
    }

    private static string Json(BpfMap map, BpfPrintOptions? options = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            new BpfMapPrinter(map, options).WriteJson(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>44 bytes.</summary>
    private readonly record struct State(uint A, uint B, uint C, uint D, uint E, uint F, uint G, uint H, uint I, uint J, uint K);
}
