using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Reconciliation;

internal sealed class SourceMergerTests
{
    private readonly SourceMerger _merger = new(sources: 2);

    private string Merge(int source, ObjectBatch batch)
    {
        var merged = _merger.Merge(source, batch);
        var upserted = merged.Upserted.Select(static o => $"+{o.Metadata.Name}@{((Service)o).Spec.ClusterIP}");
        return string.Join(' ', upserted.Concat(merged.Deleted.Select(static k => $"-{k.Name}")));
    }

    private string Tell(int source, string name, int address) => Merge(source, ObjectBatch.Upsert(Objects.Service(name, address)));

    private string Drop(int source, string name) => Merge(source, ObjectBatch.Delete(Objects.Key(name)));

    private string Refuse(int source, string reason) => Refusals(source, ObjectBatch.Empty with { Refused = [new(Objects.Key("a"), reason)] });

    private string Accept(int source) => Refusals(source, ObjectBatch.Empty with { NoLongerRefused = [Objects.Key("a")] });

    private string Refusals(int source, ObjectBatch batch)
    {
        var merged = _merger.Merge(source, batch);
        return string.Join(' ', merged.Refused.Select(static r => $"+{r.Reason}").Concat(merged.NoLongerRefused.Select(static k => $"-{k.Name}")));
    }

    [Test]
    public void The_source_that_was_added_first_has_its_way()
    {
        Assert.That(Tell(1, "a", 2), Is.EqualTo("+a@10.96.0.3"));
        Assert.That(Tell(0, "a", 1), Is.EqualTo("+a@10.96.0.2"));
        Assert.That(Tell(1, "a", 3), Is.Empty, "what the second says does not matter now");
        Assert.That(Drop(0, "a"), Is.EqualTo("+a@10.96.0.4"), "its last word is in force");
        Assert.That(Drop(1, "a"), Is.EqualTo("-a"));
    }

    [Test]
    public void What_the_second_drops_while_the_first_has_it_changes_nothing()
    {
        Assert.That(Tell(0, "a", 1), Is.EqualTo("+a@10.96.0.2"));
        Assert.That(Tell(1, "a", 2), Is.Empty);
        Assert.That(Drop(1, "a"), Is.Empty);
        Assert.That(Drop(0, "a"), Is.EqualTo("-a"));
        Assert.That(Drop(0, "a"), Is.Empty);
    }

    [Test]
    public void An_object_that_comes_where_another_source_has_it_is_told_once()
    {
        _ = Tell(1, "a", 2);
        Assert.That(_merger.TakeShadowed(), Is.Empty, "nobody else has it");
        _ = Tell(0, "a", 1);
        Assert.That(_merger.TakeShadowed(), Is.EqualTo(new[] { (Objects.Key("a"), 1, 0) }));
        _ = Tell(1, "a", 3);
        Assert.That(_merger.TakeShadowed(), Is.Empty, "it was told");
        _ = Drop(1, "a");
        _ = Tell(1, "a", 4);
        Assert.That(_merger.TakeShadowed(), Is.EqualTo(new[] { (Objects.Key("a"), 1, 0) }), "it went and came back");
    }

    [Test]
    public void Whose_copy_of_a_shared_object_is_in_force_is_known()
    {
        _ = Tell(1, "a", 2);
        Assert.That(_merger.Winners, Is.Empty, "nobody else has it");
        _ = Tell(0, "a", 1);
        Assert.That(_merger.Winners, Is.EqualTo(new Dictionary<ObjectKey, int> { [Objects.Key("a")] = 0 }));
        _ = Drop(0, "a");
        Assert.That(_merger.Winners, Is.Empty);
    }

    [Test]
    public void Of_two_upserts_in_one_step_the_later_counts() =>
        Assert.That(Merge(1, ObjectBatch.Upsert(Objects.Service("a", 1), Objects.Service("a", 2))), Is.EqualTo("+a@10.96.0.3"));

    [Test]
    public void What_is_deleted_and_upserted_in_one_step_exists()
    {
        Assert.That(Tell(0, "a", 1), Is.EqualTo("+a@10.96.0.2"));
        Assert.That(Merge(0, new([Objects.Service("a", 2)], [Objects.Key("a")], [])), Is.EqualTo("+a@10.96.0.3"));
    }

    [Test]
    public void Of_two_refusals_that_of_the_source_that_was_added_first_counts()
    {
        Assert.That(Refuse(1, "b"), Is.EqualTo("+b"));
        Assert.That(Refuse(0, "a"), Is.EqualTo("+a"));
        Assert.That(Refuse(1, "c"), Is.Empty);
        Assert.That(Accept(0), Is.EqualTo("+c"));
        Assert.That(Accept(1), Is.EqualTo("-a"));
        Assert.That(Accept(1), Is.Empty);
    }

    [Test]
    public void Diagnostics_pass_through()
    {
        var diagnostic = new Diagnostic { Severity = DiagnosticSeverity.Warning, Reason = "is odd" };
        Assert.That(_merger.Merge(1, new([], [], [diagnostic])).Diagnostics, Is.EqualTo(new[] { diagnostic }));
    }
}
