using System.Runtime.Versioning;
using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Maps that outlive their descriptors, and maps that are reused.</summary>
[TestFixture]
internal sealed class PinTests
{
    private TestPins _pins = null!;

    [SetUp]
    public void MakePins() => _pins = new();

    [TearDown]
    public void RemovePins() => _pins.Dispose();

    [Test]
    public void A_pinned_map_lives_until_its_file_is_deleted()
    {
        var path = _pins["numbers"];
        using (var map = Create())
        {
            map.AsHash<uint, ulong>().Set(1, 100);
            map.Pin(path);
        }

        using (var opened = BpfMap.OpenPinned(path))
        {
            Assert.That(opened.AsHash<uint, ulong>().TryGetValue(1, out var value) ? value : 0, Is.EqualTo(100));
            Assert.That(opened.Info with { Id = 0 }, Is.EqualTo(new MapInfo(0, "numbers", MapType.Hash, 4, 8, 16, MapFlags.None)));
        }

        File.Delete(path);
        Assert.That(() => BpfMap.OpenPinned(path), Throws.TypeOf<BpfException>().With.Message.StartsWith($"open map pinned to '{path}': ENOENT"));
    }

    [Test]
    public void A_path_that_is_taken_is_refused()
    {
        using var map = Create();
        map.Pin(_pins["numbers"]);
        Assert.That(
            () => map.Pin(_pins["numbers"]),
            Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EEXIST).And.Message.Contains("pin map 'numbers'"));
        map.Pin(_pins["again"]);
    }

    [Test]
    public void A_path_that_is_not_on_a_bpf_filesystem_is_refused()
    {
        using var map = Create();
        var path = Path.Combine(Path.GetTempPath(), $"datapath-test-{Environment.ProcessId}");
        Assert.That(() => map.Pin(path), Throws.TypeOf<BpfException>().With.Message.Contains("the folder must lie on a bpf filesystem"));
    }

    [Test]
    public void A_map_that_differs_is_not_reused_and_each_difference_is_told()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        using var map = Create();
        var reuse = new Dictionary<string, BpfMap> { [SocketLbObject.Frontends4] = map };
        var thrown = Assert.Throws<IncompatibleMapException>(() => BpfObject.Load(spec, new() { ReusedMaps = reuse }).Dispose());
        Assert.That(thrown!.Map, Is.EqualTo(SocketLbObject.Frontends4));
        Assert.That(thrown.Differences, Is.EqualTo(new[]
        {
            "key has 4 bytes, expected 8", "has 16 entries, expected 65536", "flags are None, expected ReadOnlyForPrograms",
        }));
        Assert.That(thrown.Message, Does.Contain("key has 4 bytes, expected 8; has 16 entries, expected 65536; flags are"));
    }

    // What the kernel makes of a spec is no difference from it.
    [TestCase(MapType.Hash, 4u, 4u, 1001u)]
    [TestCase(MapType.Hash, 4u, 4u, 1001u, MapFlags.NoPrealloc)]
    [TestCase(MapType.Array, 4u, 4u, 1001u)]
    [TestCase(MapType.Array, 4u, 3u, 1001u, MapFlags.Mappable)]
    [TestCase(MapType.PerCpuHash, 4u, 4u, 1001u)]
    [TestCase(MapType.PerCpuArray, 4u, 4u, 1001u)]
    [TestCase(MapType.LruHash, 4u, 4u, 1001u)]
    [TestCase(MapType.LruHash, 4u, 4u, 1001u, MapFlags.NoCommonLru)]
    [TestCase(MapType.LruPerCpuHash, 4u, 4u, 1001u)]
    [TestCase(MapType.LruPerCpuHash, 4u, 4u, 1001u, MapFlags.NoCommonLru)]
    [TestCase(MapType.LpmTrie, 8u, 4u, 1001u, MapFlags.NoPrealloc)]
    [TestCase(MapType.ProgramArray, 4u, 4u, 3u)]
    [TestCase(MapType.PerfEventArray, 4u, 4u, 3u)]
    [TestCase(MapType.PerfEventArray, 4u, 4u, 0u)]
    [TestCase(MapType.CgroupArray, 4u, 4u, 3u)]
    [TestCase(MapType.StackTrace, 4u, 1016u, 1001u)]
    [TestCase(MapType.DevMap, 4u, 4u, 3u)]
    [TestCase(MapType.DevMapHash, 4u, 4u, 3u)]
    [TestCase(MapType.CpuMap, 4u, 4u, 1u)]
    [TestCase(MapType.XskMap, 4u, 4u, 3u)]
    [TestCase(MapType.SockMap, 4u, 8u, 3u)]
    [TestCase(MapType.SockHash, 4u, 8u, 1001u)]
    [TestCase(MapType.ReusePortSockArray, 4u, 8u, 3u)]
    [TestCase(MapType.Queue, 0u, 4u, 1001u)]
    [TestCase(MapType.Stack, 0u, 4u, 1001u)]
    [TestCase(MapType.RingBuffer, 0u, 0u, 8192u)]
    [TestCase(MapType.UserRingBuffer, 0u, 0u, 8192u)]
    [TestCase(MapType.BloomFilter, 0u, 4u, 1001u)]
    public void A_map_may_be_reused_for_the_spec_that_it_was_made_of(MapType type, uint keySize, uint valueSize, uint maxEntries, MapFlags flags = MapFlags.None)
    {
        var since = type switch { MapType.UserRingBuffer => "6.1", MapType.BloomFilter => "5.16", MapType.RingBuffer => "5.8", _ => "5.4" };
        if (!RunningKernel.IsAtLeast(since))
            Assert.Ignore($"{type} needs Linux {since}");
        var spec = new MapSpec { Name = "reused", Type = type, KeySize = keySize, ValueSize = valueSize, MaxEntries = maxEntries, Flags = flags };
        using var map = BpfMap.Create(spec);
        Assert.That(map.Info.Differences(spec), Is.Empty);
        if (maxEntries > 1)
            Assert.That(map.Info.Differences(spec with { MaxEntries = map.Info.MaxEntries + 1 }), Is.Not.Empty);
    }

    [TestCase("no/where")]
    [TestCase("../where")]
    [TestCase("..")]
    public void A_map_shared_by_name_stays_in_its_folder(string name)
    {
        var spec = Shared();
        spec.Maps["shared"].Name = name;
        BpfFileSystem.CreateDirectory(_pins.Path + "/no");
        Assert.That(() => BpfObject.Load(spec, new() { PinDirectory = _pins.Path }), Throws.ArgumentException.With.Message.Contains($"'{name}'"));
        Assert.That(Directory.GetFiles(_pins.Path, "*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    [SupportedOSPlatform("linux")]
    public void A_folder_that_may_not_be_looked_into_is_said_to_be_so()
    {
        const LinuxCapabilities dacOverrideAndReadSearch = (LinuxCapabilities)0b110;
        var spec = Shared();
        BpfObject.Load(spec, new() { PinDirectory = _pins.Path }).Dispose();
        File.SetUnixFileMode(_pins.Path, UnixFileMode.None);
        LimitedThread.RunWithout(dacOverrideAndReadSearch, () => Assert.That(
            () => BpfObject.Load(spec, new() { PinDirectory = _pins.Path }).Dispose(),
            Throws.TypeOf<BpfException>().With.Message.StartsWith($"open map pinned to '{_pins.Path}/shared': EACCES (the mode of the file")));
    }

    private static BpfObjectSpec Shared()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("filled"));
        Assert.That(spec.Maps["shared"].Pinning, Is.EqualTo(MapPinning.ByName));
        return spec;
    }

    private static BpfMap Create() =>
        BpfMap.Create(new() { Name = "numbers", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 16 });
}
