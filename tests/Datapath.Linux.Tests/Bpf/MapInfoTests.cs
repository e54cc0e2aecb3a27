using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What is said of a map that was to be reused and is another.</summary>
public class MapInfoTests
{
    private static readonly MapInfo s_info = new(7, "dp_slots4", MapType.Array, 4, 16, 64, MapFlags.Mappable);

    [Test]
    public void A_map_that_is_as_asked_for_has_no_differences() => Assert.That(s_info.Differences(Spec()), Is.Empty);

    [Test]
    public void The_name_is_no_difference() => Assert.That(s_info.Differences(Spec() with { Name = "another" }), Is.Empty);

    [Test]
    public void Every_difference_is_told() =>
        Assert.That(
            s_info.Differences(new() { Name = "dp_slots4", Type = MapType.Hash, KeySize = 8, ValueSize = 32, MaxEntries = 128, Flags = MapFlags.None }),
            Is.EqualTo(new[]
            {
                "type is Array, expected Hash",
                "key has 4 bytes, expected 8",
                "value has 16 bytes, expected 32",
                "has 64 entries, expected 128",
                "flags are Mappable, expected None",
            }));

    [TestCase(1000u, 8u, 1000u)]
    [TestCase(1001u, 8u, 1008u)]
    [TestCase(1001u, 1u, 1001u)]
    [TestCase(uint.MaxValue, 8u, uint.MaxValue - 7, TestName = "Down where up is too much")]
    public void Room_in_parts_for_each_CPU_is_rounded_as_the_kernel_does(uint maxEntries, uint cpus, uint expected) =>
        Assert.That(MapInfo.RoundedRoom(maxEntries, cpus), Is.EqualTo(expected));

    private static MapSpec Spec() => new() { Name = "dp_slots4", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 64, Flags = MapFlags.Mappable };
}
