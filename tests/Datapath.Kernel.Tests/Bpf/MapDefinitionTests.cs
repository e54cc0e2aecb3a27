using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Maps as an object defines them: filled from the start, shared by name.</summary>
[TestFixture]
internal sealed class MapDefinitionTests
{
    private static readonly byte[] s_packet = new byte[64];
    private TestPins _pins = null!;

    [SetUp]
    public void MakePins() => _pins = new();

    [TearDown]
    public void RemovePins() => _pins.Dispose();

    [Test]
    public void Maps_and_programs_that_a_map_names_are_in_it_before_a_program_can_run()
    {
        using var loaded = Load(Parse());
        Assert.That(loaded.Programs["first"].TestRun(new() { Data = s_packet }).ReturnValue, Is.EqualTo(100), "a jump to second, which writes to hidden by way of outer");
        Assert.That(loaded.Maps["hidden"].AsArray<ulong>().ToArray(), Is.EqualTo(new ulong[] { 0, 100 }));

        var outer = loaded.Maps["outer"].AsMapOfMaps<uint>();
        Assert.That(Enumerable.Range(0, 4).Select(i => outer.TryGetId((uint)i, out var id) ? id : 0), Is.EqualTo(new uint[]
        {
            0, loaded.Maps["shown"].Info.Id, 0, loaded.Maps["hidden"].Info.Id,
        }));
        Assert.That(loaded.Maps["by_key"].AsMapOfMaps<uint>().Keys, Is.EqualTo(new uint[] { 2 }));
    }

    [Test]
    public void Places_of_programs_that_are_not_enabled_stay_empty()
    {
        var spec = Parse();
        Assert.That(spec.Maps["jumps"].Values, Is.EquivalentTo(new Dictionary<uint, string> { [0] = "second", [2] = "optional" }));
        using (var loaded = Load(spec))
            Assert.That(loaded.Maps["jumps"].AsProgramArray().TryGetId(2, out _), Is.False);

        spec.Programs["optional"].IsEnabled = true;
        using var all = Load(spec);
        Assert.That(all.Maps["jumps"].AsProgramArray().TryGetId(2, out var id) ? id : 0, Is.EqualTo(all.Programs["optional"].Id));
    }

    [Test]
    public void Values_may_be_changed_before_the_load()
    {
        var spec = Parse();
        spec.Programs["optional"].IsEnabled = true;
        spec.Maps["jumps"].Values = spec.Maps["jumps"].Values.SetItem(0, "optional");
        using (var loaded = Load(spec))
            Assert.That(loaded.Programs["first"].TestRun(new() { Data = s_packet }).ReturnValue, Is.EqualTo(5));

        spec.Maps["jumps"].Values = spec.Maps["jumps"].Values.SetItem(0, "nobody");
        Assert.That(() => Load(spec), Throws.InvalidOperationException.With.Message.EqualTo("map 'jumps' is to hold program 'nobody' at 0, which the object does not have"));
        Assert.That(Path.Exists(_pins["shared"]), Is.True, "of the load before");
    }

    [Test]
    public void A_shared_map_is_made_by_the_first_load_and_taken_by_the_second()
    {
        using var first = Load(Parse());
        using var second = Load(Parse());
        Assert.That(second.Maps["shared"].Info.Id, Is.EqualTo(first.Maps["shared"].Info.Id));
        Assert.That(second.Maps["shown"].Info.Id, Is.Not.EqualTo(first.Maps["shown"].Info.Id));
        Assert.That(second.Maps["shared"].Info.Flags, Is.EqualTo(MapFlags.NoPrealloc | MapFlags.NumaNode));
        _ = first.Programs["first"].TestRun(new() { Data = s_packet });
        Assert.That(second.Maps["shared"].AsHash<uint, ulong>().TryGetValue(3, out var number) ? number : 0, Is.EqualTo(7));
    }

    [Test]
    public void Jumps_of_a_shared_array_lead_to_the_programs_of_the_last_load()
    {
        var spec = Parse();
        spec.Maps["jumps"].Pinning = MapPinning.ByName;
        using var first = Load(spec);
        using var second = Load(spec);
        Assert.That(first.Maps["jumps"].AsProgramArray().TryGetId(0, out var id) ? id : 0, Is.EqualTo(second.Programs["second"].Id));
    }

    [Test]
    public void What_a_given_map_holds_stays()
    {
        using var jumps = BpfMap.Create(MapSpec.ProgramArray("mine", 3));
        using (var loaded = BpfObject.Load(Parse(), new() { PinDirectory = _pins.Path, ReusedMaps = new Dictionary<string, BpfMap> { ["jumps"] = jumps } }))
        {
            Assert.That(loaded.Maps["jumps"], Is.SameAs(jumps));
            Assert.That(loaded.Programs["first"].TestRun(new() { Data = s_packet }).ReturnValue, Is.EqualTo(1), "the jump falls through");
        }

        Assert.That(jumps.AsProgramArray().TryGetId(0, out _), Is.False, "and the map is still open");
    }

    [Test]
    public void A_shared_map_that_differs_is_refused_and_each_difference_is_told()
    {
        Load(Parse()).Dispose();
        var spec = Parse();
        (spec.Maps["shared"].MaxEntries, spec.Maps["shared"].KeySize) = (32, 8);
        var thrown = Assert.Throws<IncompatibleMapException>(() => Load(spec).Dispose());
        Assert.That(thrown!.Differences, Is.EqualTo(new[] { "key has 4 bytes, expected 8", "has 16 entries, expected 32" }));
    }

    [Test]
    public void A_load_that_fails_leaves_nothing_pinned()
    {
        var spec = Parse();
        (spec.Maps["shown"].Pinning, spec.Maps["shown"].Name) = (MapPinning.ByName, "shared"); // comes after 'shared'
        Assert.That(() => Load(spec), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EEXIST).And.Message.Contains($"{_pins.Path}/shared"));
        Assert.That(Directory.EnumerateFileSystemEntries(_pins.Path), Is.Empty);
    }

    [Test]
    public void A_load_that_fails_leaves_shared_maps_as_they_were()
    {
        using var first = Load(Shared());
        using var other = BpfMap.Create(MapSpec.Array<ulong>("other", 2));
        first.Maps["by_key"].AsMapOfMaps<uint>().Set(2, other);
        var unpinnable = Shared();
        (unpinnable.Maps["shown"].Pinning, unpinnable.Maps["shown"].Name) = (MapPinning.ByName, "no.where");
        Assert.That(() => Load(unpinnable), Throws.TypeOf<BpfException>().With.Message.Contains("no.where"));
        Assert.That(ContentOf(first), Is.EqualTo(new[] { first.Programs["second"].Id, first.Maps["shown"].Info.Id, other.Info.Id }), "it cannot pin a map");

        var incomplete = Shared();
        incomplete.Maps["jumps"].Values = incomplete.Maps["jumps"].Values.SetItem(1, "nobody").SetItem(0, "first");
        Assert.That(() => Load(incomplete), Throws.InvalidOperationException.With.Message.Contains("'nobody' at 1"));
        Assert.That(ContentOf(first)[0], Is.EqualTo(first.Programs["second"].Id), "it names a program that there is not");
    }

    [Test]
    public void A_shared_map_of_maps_keeps_what_it_holds()
    {
        using var first = Load(Shared());
        first.Maps["by_key"].AsMapOfMaps<uint>().Remove(2);
        using var second = Load(Shared());
        Assert.That(second.Maps["outer"].AsMapOfMaps<uint>().TryGetId(1, out var id) ? id : 0, Is.EqualTo(first.Maps["shown"].Info.Id));
        Assert.That(second.Maps["by_key"].AsMapOfMaps<uint>().TryGetId(2, out _), Is.False);
    }

    [Test]
    public void A_shared_map_of_recently_used_elements_is_reused_although_the_kernel_rounded_its_room()
    {
        BpfObjectSpec Spec()
        {
            var spec = Parse();
            (spec.Maps["shared"].Type, spec.Maps["shared"].Flags, spec.Maps["shared"].MaxEntries, spec.Maps["shared"].NumaNode) = (MapType.LruHash, MapFlags.NoCommonLru, 1001, null);
            return spec;
        }

        using var first = Load(Spec());
        using (var second = Load(Spec()))
            Assert.That(second.Maps["shared"].Info.Id, Is.EqualTo(first.Maps["shared"].Info.Id));
        var larger = Spec();
        larger.Maps["shared"].MaxEntries = first.Maps["shared"].Info.MaxEntries + 1;
        Assert.That(() => Load(larger), Throws.TypeOf<IncompatibleMapException>());
    }

    [Test]
    public void A_shared_map_needs_a_folder() => Assert.That(
        static () => BpfObject.Load(Parse()),
        Throws.ArgumentException.With.Message.EqualTo("map 'shared' is shared by name: BpfLoadOptions.PinDirectory must say where"));

    private static BpfObjectSpec Parse() => BpfObjectSpec.Parse(TestObject.Read("filled"));

    private static BpfObjectSpec Shared()
    {
        var spec = Parse();
        foreach (var name in new[] { "jumps", "outer", "by_key" })
            spec.Maps[name].Pinning = MapPinning.ByName;
        return spec;
    }

    // The first jump, and a map in either map of maps.
    private static uint[] ContentOf(BpfObject loaded) =>
    [
        loaded.Maps["jumps"].AsProgramArray().TryGetId(0, out var program) ? program : 0,
        loaded.Maps["outer"].AsMapOfMaps<uint>().TryGetId(1, out var shown) ? shown : 0,
        loaded.Maps["by_key"].AsMapOfMaps<uint>().TryGetId(2, out var inner) ? inner : 0,
    ];

    private BpfObject Load(BpfObjectSpec spec) => BpfObject.Load(spec, new() { PinDirectory = _pins.Path });
}
