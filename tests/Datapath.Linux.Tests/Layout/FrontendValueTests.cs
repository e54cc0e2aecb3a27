using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Tests.Layout;

/// <summary>A frontend's state in one word.</summary>
public class FrontendValueTests
{
    [Test]
    public void Parts_come_out_as_they_went_in(
        [Values(1, 2, 0x123456, FrontendValue.MaxFirst)] int first, [Values(0, 1, 0x2abcd, FrontendValue.MaxCount)] int count, [Values((ushort)0, (ushort)1, ushort.MaxValue)] ushort tag)
    {
        var value = new FrontendValue(first, count, tag);
        Assert.That((value.First, value.Count, value.Range >> 48), Is.EqualTo((first, count, (ulong)tag)));
        Assert.That((value.Range >> 42) & 0x3f, Is.Zero, "bits 42 to 47 are free");
        Assert.That(value.Range, Is.Not.Zero);
    }

    [Test]
    public void The_limits_are_those_of_24_and_18_bits() =>
        Assert.That((FrontendValue.MaxFirst, FrontendValue.MaxCount), Is.EqualTo((0xff_ffff, 0x3_ffff)));

    [TestCase(0, 1, Description = "slot 0 belongs to nobody")]
    [TestCase(-1, 1)]
    [TestCase(FrontendValue.MaxFirst + 1, 1)]
    [TestCase(1, -1)]
    [TestCase(1, FrontendValue.MaxCount + 1)]
    public void What_does_not_fit_is_refused(int first, int count) =>
        Assert.That(() => new FrontendValue(first, count, 0), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Tags_of_neighbours_differ()
    {
        var tags = new HashSet<ushort>();
        for (uint host = 0; host < 64; host++)
            _ = tags.Add(FrontendValue.Tag(0x0a60_0000 | host, 80, 6));
        Assert.That(tags, Has.Count.EqualTo(64));
        Assert.That(FrontendValue.Tag(1, 80, 6), Is.Not.EqualTo(FrontendValue.Tag(1, 81, 6)).And.Not.EqualTo(FrontendValue.Tag(1, 80, 17)));
    }
}
