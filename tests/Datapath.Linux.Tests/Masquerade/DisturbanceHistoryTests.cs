using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>What others did to a table is told for good, and as new for a while.</summary>
internal sealed class DisturbanceHistoryTests
{
    private readonly Clock _clock = new();

    [Test]
    public void Nothing_is_told_of_a_table_that_others_left_alone()
    {
        var history = new DisturbanceHistory(_clock);
        Assert.That(history.Warn().Concat(history.WarnIfNew()), Is.Empty);
    }

    [Test]
    public void The_last_change_is_told_with_how_many_there_were_and_is_new_for_a_minute()
    {
        var history = new DisturbanceHistory(_clock);
        history.Add(new NftablesTableChange("nat", IsDeleted: true) { Program = "nft", ProcessId = 812 }.ToString());
        const string Deleted = "1970-01-01 00:00:00Z: table 'nat' was deleted by nft (process 812) and is put back; what left meanwhile may have kept its own address";
        Assert.That((history.Warn(), history.WarnIfNew()), Is.EqualTo((new[] { Deleted }, new[] { Deleted })));
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.That((history.Warn(), history.WarnIfNew()), Is.EqualTo((new[] { Deleted }, Array.Empty<string>())));
        history.Add(new NftablesTableChange("nat", IsDeleted: false).ToString());
        Assert.That(
            history.WarnIfNew(),
            Is.EqualTo(new[] { "1970-01-01 00:01:00Z: table 'nat' was changed by somebody else and is put back; what left meanwhile may have kept its own address (2 times since the start)" }));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
