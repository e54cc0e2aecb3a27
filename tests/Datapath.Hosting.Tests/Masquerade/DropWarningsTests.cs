using Datapath.BpfObjects.Layout;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>Drops are warned of, seldom.</summary>
internal sealed class DropWarningsTests
{
    private readonly FakeTimeProvider _time = new();
    private FakeLog _log = null!;
    private DropWarnings _warnings = null!;

    [SetUp]
    public void Start()
    {
        _log = new();
        _warnings = new(_time, _log.CreateLogger(""));
    }

    [TearDown]
    public void Stop() => _log.Dispose();

    [Test]
    public void The_first_of_a_reason_is_told_with_the_packet_and_what_to_do()
    {
        _warnings.Take(Told.Packet(NatCounter.RefusedNoPort));
        Assert.That(_log.At(LogLevel.Warning), Is.EqualTo(new[]
        {
            "Masquerading dropped 1 packets since the last warning of this kind: no port is free towards the peer (masquerade:ports, masquerade:addresses, masquerade:pools); "
            + "the last was UDP from 10.98.0.2:3000 to 198.51.100.1:53 by eth0",
        }));
    }

    [Test]
    public void Those_of_a_minute_are_told_together_with_what_was_held_back()
    {
        for (var i = 0; i < 5; i++)
            _warnings.Take(Told.Packet(NatCounter.RefusedFull, heldBack: i));
        _time.Advance(TimeSpan.FromSeconds(59));
        _warnings.Take(Told.Packet(NatCounter.RefusedFull));
        Assert.That(_log.At(LogLevel.Warning).Count(), Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        _warnings.Take(Told.Packet(NatCounter.RefusedFull));
        Assert.That(_log.At(LogLevel.Warning).Last(), Does.StartWith("Masquerading dropped 16 packets since the last warning of this kind: the table of flows is full (masquerade:maxFlows)"));
    }

    [Test]
    public void Each_reason_that_drops_has_words_of_its_own_and_a_warning_of_its_own()
    {
        var reasons = Enum.GetValues<NatCounter>().Where(static reason => reason.ToString().StartsWith("Refused", StringComparison.Ordinal)).ToArray();
        foreach (var reason in reasons)
            _warnings.Take(Told.Packet(reason));
        Assert.That(_log.At(LogLevel.Warning).Distinct().Count(), Is.EqualTo(reasons.Length));
        foreach (var reason in reasons)
            Assert.That(_log.At(LogLevel.Warning), Has.None.Contains(reason.ToString()));
    }

    [Test]
    public void A_packet_that_was_left_alone_is_no_warning()
    {
        _warnings.Take(Told.Packet(NatCounter.Orphan, isDropped: false));
        Assert.That(_log.Bad, Is.Empty);
    }
}
