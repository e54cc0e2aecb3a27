using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

public class VerdictRowTests
{
    private static readonly MasqueradeVerdict s_keep = new(MasqueradeAction.Keep, MasqueradeReason.NoSource);
    private static readonly MasqueradeVerdict s_translate = new(MasqueradeAction.Translate, MasqueradeReason.Source);

    [Test]
    public void Source_classes_that_are_treated_alike_share_a_row()
    {
        var rows = new VerdictRows(Table(3, s_keep, s_keep, s_translate, s_keep, s_keep, s_keep, s_keep, s_keep, s_translate));
        Assert.That(rows.Count, Is.EqualTo(2));
        Assert.That(Enumerable.Range(0, 3).Select(i => (int)rows.RowOf((byte)i)), Is.EqualTo(new[] { 0, 1, 0 }));
    }

    [Test]
    public void A_row_has_the_verdicts_of_its_classes()
    {
        var rows = new VerdictRows(Table(2, s_keep, s_translate, s_keep, s_keep, s_keep, s_translate));
        Assert.That(rows[0].ToArray(), Is.EqualTo(new[] { s_keep, s_translate }));
        Assert.That(rows[1].ToArray(), Is.EqualTo(new[] { s_keep, s_keep }));
    }

    [Test]
    public void Destination_classes_with_one_verdict_are_told_by_the_first() => Assert.That(
        new VerdictRows(Table(4, s_keep, s_translate, s_keep, s_translate)).AlikeIn(0), Is.EqualTo(new byte[] { 0, 1, 0, 1 }));

    private static MasqueradeState Table(int columns, params MasqueradeVerdict[] verdicts) => new(
        new() { Classes = [.. Enumerable.Repeat(default(MasqueradeSourceClass), verdicts.Length / columns)], ForwardedClass = 0, HostClass = 0 },
        new() { Classes = [.. Enumerable.Repeat(MasqueradeDestinationFacts.None, columns)] },
        [new("", MasqueradeAddressSource.Device)],
        [.. verdicts]);
}
