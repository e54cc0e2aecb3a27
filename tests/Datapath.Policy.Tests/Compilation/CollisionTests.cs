namespace Datapath.Policy.Tests.Compilation;

internal sealed class CollisionTests
{
    private static readonly DateTimeOffset s_longAgo = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Service Aged(string name, int? days, params ReadOnlySpan<ServicePort> ports) =>
        Make.Service(name, "10.96.0.1", ports).With(meta => meta with { CreationTimestamp = days is { } age ? s_longAgo.AddDays(age) : null });

    [Test]
    public void The_older_service_keeps_the_address_whatever_came_first()
    {
        var old = Aged("z-old", 1);
        var young = Aged("a-young", 2);
        foreach (var order in new KubernetesObject[][] { [old, young], [young, old] })
        {
            var compiler = Make.Compiler(order);
            Assert.That(compiler.State.Services.Keys.Single().Name, Is.EqualTo("z-old"));
            Assert.That(
                compiler.Status(young),
                Is.EqualTo(new ObjectStatus(young.Key, ObjectCondition.Conflict, 0, "service default/z-old holds 10.96.0.1:80/TCP")));
        }
    }

    [Test]
    public void Services_without_creation_time_are_the_newest_and_ordered_by_name()
    {
        var compiler = Make.Compiler(Aged("a", null), Aged("b", null), Aged("c", 1));
        Assert.That(compiler.State.Services.Keys.Single().Name, Is.EqualTo("c"));
        Assert.That(compiler.Status(Aged("a", null)).Message, Is.EqualTo("service default/c holds 10.96.0.1:80/TCP; without metadata.creationTimestamp this one counts as the newest"));
        var result = compiler.Apply(ObjectBatch.Delete(Aged("c", 1).Key));
        Assert.That(result.Changes.Removed.Single().Name, Is.EqualTo("c"));
        Assert.That(result.Changes.Upserted.Single().Name.Name, Is.EqualTo("a"));
    }

    [Test]
    public void A_loser_is_refused_as_a_whole()
    {
        var winner = Aged("a", 1);
        var loser = Aged("b", 2, new ServicePort { Name = "x", Port = 80 }, new ServicePort { Name = "y", Port = 81 });
        Assert.That(Make.Compiler(winner, loser).State.Services, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_loser_takes_over_in_the_change_in_which_the_winner_frees_the_address()
    {
        var winner = Aged("a", 1);
        var loser = Aged("b", 2);
        var compiler = Make.Compiler(winner, loser);
        var moved = winner with { Spec = winner.Spec with { Ports = [new() { Port = 81 }] } };
        var result = compiler.Apply(ObjectBatch.Upsert(moved));
        Assert.That(result.Changes.Upserted.Select(service => service.Name.Name), Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(result.Statuses.Single(status => status.Object == loser.Key).Condition, Is.EqualTo(ObjectCondition.NoBackends));
        Assert.That(compiler.Apply(ObjectBatch.Upsert(winner)).Changes.Removed.Single().Name, Is.EqualTo("b"));
    }

    [Test]
    public void A_service_that_lost_holds_nothing_against_a_third()
    {
        var first = Aged("a", 1, new ServicePort { Port = 80 });
        var second = Aged("b", 2, new ServicePort { Name = "x", Port = 80 }, new ServicePort { Name = "y", Port = 81 });
        var third = Aged("c", 3, new ServicePort { Port = 81 });
        var compiler = Make.Compiler(third, second, first);
        Assert.That(compiler.State.Services.Keys.Select(name => name.Name), Is.EquivalentTo(new[] { "a", "c" }));
        var result = compiler.Apply(ObjectBatch.Delete(first.Key));
        Assert.That(result.Changes.Upserted.Single().Name.Name, Is.EqualTo("b"));
        Assert.That(result.Changes.Removed.Select(name => name.Name), Is.EquivalentTo(new[] { "a", "c" }));
    }

    [Test]
    public void The_same_address_with_another_protocol_is_no_conflict()
    {
        var compiler = Make.Compiler(Aged("a", 1), Aged("b", 1, new ServicePort { Port = 80, Protocol = L4Protocol.Udp }));
        Assert.That(compiler.State.Services, Has.Count.EqualTo(2));
    }

    [Test]
    public void Growing_older_takes_the_address()
    {
        var compiler = Make.Compiler(Aged("a", 1), Aged("b", 2));
        var result = compiler.Apply(ObjectBatch.Upsert(Aged("b", 0)));
        Assert.That(result.Changes.Removed.Single().Name, Is.EqualTo("a"));
        Assert.That(compiler.State.Services.Keys.Single().Name, Is.EqualTo("b"));
    }
}
