namespace Datapath.Policy.Tests.Compilation;

internal sealed class IncrementalTests
{
    [Test]
    public void An_upsert_that_changes_nothing_gives_an_empty_change_set()
    {
        var service = Make.Service("web");
        var slice = Make.Slice("s", "web", Make.Endpoint("10.0.0.1"));
        var compiler = Make.Compiler(service, slice);
        var state = compiler.State;
        var result = compiler.Apply(ObjectBatch.Upsert(service with { }, slice.With(meta => meta with { Uid = "another" })));
        Assert.That(result.Changes, Is.SameAs(ChangeSet.Empty));
        Assert.That(result.Statuses, Is.Empty);
        Assert.That(compiler.State.Services, Is.SameAs(state.Services).Or.EquivalentTo(state.Services));
    }

    [Test]
    public void A_changed_slice_changes_its_service_alone()
    {
        var compiler = Make.Compiler(
            Make.Service("a"), Make.Service("b", "10.96.0.2"),
            Make.Slice("sa", "a", Make.Endpoint("10.0.0.1")), Make.Slice("sb", "b", Make.Endpoint("10.0.0.2")));
        var other = compiler.Find("b");
        var result = compiler.Apply(ObjectBatch.Upsert(Make.Slice("sa", "a", Make.Endpoint("10.0.0.3"))));
        Assert.That(result.Changes.Upserted.Single().Name.Name, Is.EqualTo("a"));
        Assert.That(compiler.Find("b"), Is.SameAs(other));
    }

    [Test]
    public void A_slice_that_names_another_service_moves_there()
    {
        var compiler = Make.Compiler(Make.Service("a"), Make.Service("b", "10.96.0.2"), Make.Slice("s", "a", Make.Endpoint("10.0.0.1")));
        var result = compiler.Apply(ObjectBatch.Upsert(Make.Slice("s", "b", Make.Endpoint("10.0.0.1"))));
        Assert.That(result.Changes.Upserted, Has.Length.EqualTo(2));
        Assert.That(compiler.Find("a")!.Frontends[0].Backends, Is.Empty);
        Assert.That(compiler.Find("b")!.Frontends[0].Backends, Has.Length.EqualTo(1));
    }

    [Test]
    public void Of_two_upserts_in_a_batch_the_later_counts_and_a_deletion_comes_first()
    {
        var service = Make.Service("web");
        var compiler = Make.Compiler(service);
        var result = compiler.Apply(new ObjectBatch([Make.Service("web", "10.96.0.8"), Make.Service("web", "10.96.0.9")], [service.Key], []));
        Assert.That(result.Changes.Upserted.Single().Frontends.Single().Address.ToString(), Is.EqualTo("10.96.0.9:80/TCP"));
        Assert.That(result.Changes.Removed, Is.Empty);
    }

    [Test]
    public void Deleting_what_is_not_there_does_nothing() =>
        Assert.That(Make.Compiler().Apply(ObjectBatch.Delete(Make.Service("web").Key, Make.Slice("s", "web").Key)).Changes.IsEmpty);

    [Test]
    public void A_slice_may_come_before_its_service_and_outlive_it()
    {
        var service = Make.Service("web");
        var compiler = Make.Compiler(Make.Slice("s", "web", Make.Endpoint("10.0.0.1")));
        Assert.That(compiler.State.Services, Is.Empty);
        for (var i = 0; i < 2; i++)
        {
            compiler.Apply(ObjectBatch.Upsert(service));
            Assert.That(compiler.Find("web")!.Frontends[0].UsableCount, Is.EqualTo(1));
            compiler.Apply(ObjectBatch.Delete(service.Key));
            Assert.That(compiler.State.Services, Is.Empty);
        }
    }
}
