using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>Identifiers only grow, whatever is released and whenever the manager starts again.</summary>
public class IdentifiersTests
{
    private readonly ManagerState[] _state = new ManagerState[1];

    [SetUp]
    public void Clear() => _state[0] = default;

    [Test]
    public void The_first_is_1_and_a_released_one_does_not_come_back()
    {
        var identifiers = Start();
        Assert.That(identifiers.NewFrontend(), Is.EqualTo(1));
        identifiers.ReleaseFrontend(1);
        Assert.That(identifiers.NewFrontend(), Is.EqualTo(2));
    }

    [Test]
    public void A_start_goes_on_where_the_last_one_was()
    {
        var first = Start();
        for (var i = 0; i < 5; i++)
            first.ReleaseFrontend(first.NewFrontend());
        _ = first.UseBackend(Backend(1));
        first.ReleaseBackend(Backend(1));
        var second = Start();
        Assert.That(second.NewFrontend(), Is.EqualTo(6));
        Assert.That(second.UseBackend(Backend(1)), Is.EqualTo(2));
    }

    [Test]
    public void A_backend_keeps_its_identifier_while_somebody_uses_it()
    {
        var identifiers = Start();
        var id = identifiers.UseBackend(Backend(1));
        Assert.That(identifiers.UseBackend(Backend(1)), Is.EqualTo(id));
        identifiers.ReleaseBackend(Backend(1));
        Assert.That(identifiers.UseBackend(Backend(1)), Is.EqualTo(id));
        identifiers.ReleaseBackend(Backend(1));
        identifiers.ReleaseBackend(Backend(1));
        Assert.That(identifiers.UseBackend(Backend(1)), Is.GreaterThan(id));
    }

    [Test]
    public void Adopted_ones_are_in_use_and_their_uses_are_counted()
    {
        _state[0] = new() { NextFrontendId = 3, NextBackendId = 3 };
        var identifiers = Start();
        identifiers.AdoptFrontend(9);
        identifiers.AdoptBackend(Backend(1), 7);
        identifiers.AdoptBackend(Backend(1), 7);
        Assert.That(identifiers.NewFrontend(), Is.EqualTo(10));
        Assert.That(identifiers.UseBackend(Backend(2)), Is.EqualTo(8));
        identifiers.ReleaseBackend(Backend(1));
        Assert.That(identifiers.UseBackend(Backend(1)), Is.EqualTo(7));
    }

    [Test]
    public void After_the_last_number_they_start_again_at_1_and_pass_over_those_in_use()
    {
        _state[0].NextFrontendId = uint.MaxValue;
        var identifiers = Start();
        identifiers.AdoptFrontend(1);
        identifiers.AdoptFrontend(2);
        Assert.That(identifiers.NewFrontend(), Is.EqualTo(uint.MaxValue));
        Assert.That(identifiers.NewFrontend(), Is.EqualTo(3));
    }

    private static L4Address Backend(int number) => L4Address.Parse($"10.0.0.{number}:80/TCP");

    private Identifiers Start() => new(() => ref _state[0]);
}
