using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Types whose fields stand in memory in another order than they are declared in.</summary>
public class FieldOrderTests
{
    private const string OfTuple = "the runtime arranges the fields of ValueTuple`3 as it likes (LayoutKind.Auto, as of all tuples); take a struct, whose fields keep their order";

    [Test]
    public void A_tuple_whose_parts_differ_in_size_is_told()
    {
        var tuple = (First: 1U, Second: 2U, Third: 3UL);
        Assert.That(Bytes(in tuple)[0], Is.EqualTo(3), "the largest comes first");
        Assert.That(FieldOrder<(uint, uint, ulong)>.Text, Is.EqualTo(OfTuple));
        Assert.That(FieldOrder<Holder>.Text, Is.EqualTo(OfTuple));
        Assert.That(FieldOrder<Row>.Text, Is.EqualTo(OfTuple));
        Assert.That(FieldOrder<Arranged>.Text, Does.StartWith("the runtime arranges the fields of Arranged"));
        Assert.That(FieldOrder<DateTimeOffset>.Text, Is.Not.Null);
        Assert.That(FieldOrder<(ulong, DayOfWeek)>.Text, Is.Not.Null);
    }

    [Test]
    public void Parts_of_one_size_and_structs_keep_their_order()
    {
        var tuple = (1U, 2U, 3U, 4U);
        Assert.That(MemoryMarshal.Cast<byte, uint>(Bytes(in tuple)).ToArray(), Is.EqualTo((uint[])[1, 2, 3, 4]));
        var holder = new HolderOfUniform(1, (2, 3), 4);
        Assert.That(MemoryMarshal.Cast<byte, ulong>(Bytes(in holder)).ToArray(), Is.EqualTo((ulong[])[1, 2 | (3UL << 32), 4]));
        Assert.That(FieldOrder<(uint, uint, uint, uint)>.Text, Is.Null);
        Assert.That(FieldOrder<HolderOfUniform>.Text, Is.Null);
        Assert.That(FieldOrder<(int, DayOfWeek)>.Text, Is.Null);
        Assert.That(FieldOrder<DateTime>.Text, Is.Null);
        Assert.That(FieldOrder<Guid>.Text, Is.Null);
        Assert.That(FieldOrder<KeyValuePair<uint, ulong>>.Text, Is.Null);
        Assert.That(FieldOrder<ulong>.Text, Is.Null);
    }

    [Test]
    public void A_map_takes_no_tuple_whose_parts_differ_in_size() => Assert.That(
        static () => MapSpec.Hash<(uint, uint, ulong), uint>("pairs", 1),
        Throws.TypeOf<MapLayoutException>().With.Message.EqualTo($"map 'pairs' (Hash): key: {OfTuple}"));

    private static ReadOnlySpan<byte> Bytes<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    private readonly record struct Holder(uint Before, (uint, uint, ulong) Inside);

    private readonly record struct HolderOfUniform(ulong Before, (uint, uint) Inside, ulong After);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Arranged(uint First, ulong Second);

    [InlineArray(2)]
    private struct Row
    {
        private (uint, uint, ulong) _first;
    }
}
