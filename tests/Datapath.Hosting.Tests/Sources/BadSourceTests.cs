using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Sources;

/// <summary>Sources that tell null, or less than a batch must have: the datapath ends with an error that names the source and what was missing.</summary>
internal sealed class BadSourceTests
{
    private static readonly Service s_good = Objects.Service("a");

    private static TestCaseData Case(ObjectBatch? batch, string flaw) => new TestCaseData(batch, flaw).SetArgDisplayNames(flaw);

    private static IEnumerable<TestCaseData> Batches() =>
    [
        Case(null, "null must be a batch"),
        Case(ObjectBatch.Upsert(s_good, null!), "Upserted[1] must not be null"),
        Case(ObjectBatch.Upsert(s_good with { Metadata = null! }), "Upserted[0].Metadata must not be null"),
        Case(ObjectBatch.Upsert(s_good with { Metadata = s_good.Metadata with { Name = null! } }), "Upserted[0].Metadata.Name must not be null"),
        Case(ObjectBatch.Upsert(s_good with { Metadata = s_good.Metadata with { Namespace = null! } }), "Upserted[0].Metadata.Namespace must not be null"),
        Case(ObjectBatch.Upsert(s_good with { Metadata = s_good.Metadata with { Labels = null! } }), "Upserted[0].Metadata.Labels must not be null"),
        Case(ObjectBatch.Upsert(s_good with { Metadata = s_good.Metadata with { Annotations = null! } }), "Upserted[0].Metadata.Annotations must not be null"),
        Case(new(default, [], []), "Upserted must be an array, empty for none: a default one is null inside"),
        Case(new([], default, []), "Deleted must be an array, empty for none: a default one is null inside"),
        Case(new([], [], default), "Diagnostics must be an array, empty for none: a default one is null inside"),
        Case(ObjectBatch.Empty with { Refused = default }, "Refused must be an array, empty for none: a default one is null inside"),
        Case(ObjectBatch.Empty with { NoLongerRefused = default }, "NoLongerRefused must be an array, empty for none: a default one is null inside"),
        Case(new([], [default], []), "Deleted[0].Namespace must not be null"),
        Case(new([], [], [null!]), "Diagnostics[0] must not be null"),
        Case(ObjectBatch.Empty with { Refused = [null!] }, "Refused[0] must not be null"),
        Case(ObjectBatch.Empty with { Refused = [new(s_good.Key, null!)] }, "Refused[0].Reason must not be null"),
        Case(ObjectBatch.Empty with { Refused = [new(new(ObjectKind.Service, "", null!), "bad")] }, "Refused[0].Object.Name must not be null"),
    ];

    [TestCaseSource(nameof(Batches))]
    public async Task A_batch_that_cannot_be_taken_in_ends_the_datapath_with_the_name_of_its_source(ObjectBatch? batch, string flaw)
    {
        var (good, bad) = (new FakeSource(), new FakeSource());
        good.Tell(s_good);
        bad.Tell(batch!);
        await using var lab = new HostLab(good, bad);
        await lab.Host.StartAsync();
        Assert.That(
            async () => await lab.Monitor.WaitForAsync(static _ => false, Deadline.Token),
            Throws.InvalidOperationException.With.Message.EqualTo($"the datapath has ended: the source of objects FakeSource no. 2 gave up: it told what cannot be taken in: {flaw}"));
    }

    [Test]
    public async Task A_revision_that_goes_back_ends_the_datapath_and_none_is_no_revision()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        source.Tell(ObjectBatch.Upsert(s_good) with { Revision = 7 });
        await lab.Host.StartAsync();
        _ = await lab.Monitor.WaitForRevisionAsync(source, 7, Deadline.Token);
        source.Tell(ObjectBatch.Upsert(Objects.Service("b")));
        source.Tell(ObjectBatch.Upsert(Objects.Service("c")) with { Revision = 8 });
        var snapshot = await lab.Monitor.WaitForRevisionAsync(source, 8, Deadline.Token);
        Assert.That(snapshot.Statuses, Has.Count.EqualTo(3));
        source.Tell(ObjectBatch.Upsert(Objects.Service("d")) with { Revision = 6 });
        Assert.That(
            async () => await lab.Monitor.WaitForAsync(static _ => false, Deadline.Token),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "the datapath has ended: the source of objects FakeSource gave up: it told what cannot be taken in: Revision 6 must not be less than 8, which it told before"));
    }

    [Test]
    public async Task A_revision_that_comes_again_is_no_mistake_and_nobody_waits_for_it_in_vain()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        source.Tell(ObjectBatch.Upsert(s_good) with { Revision = 7 });
        await lab.Host.StartAsync();
        var first = await lab.Monitor.WaitForRevisionAsync(source, 7, Deadline.Token);
        source.Tell(ObjectBatch.Upsert(s_good with { }) with { Revision = 7 }); // the whole list, after a lost connection
        source.Tell(ObjectBatch.Empty with { Revision = 7, Diagnostics = [new() { Severity = DiagnosticSeverity.Warning, Reason = "slow" }] });
        Assert.That(lab.Monitor.WaitForRevisionAsync(source, 8, Deadline.Token).IsCompleted, Is.False);
        source.Tell(ObjectBatch.Upsert(Objects.Service("b", 2)) with { Revision = 8 });
        var next = await lab.Monitor.WaitForRevisionAsync(source, 8, Deadline.Token);
        Assert.That((first.Statuses.Count, next.Statuses.Count, next.Revisions.Single()), Is.EqualTo((1, 2, 8L)));
        Assert.That(lab.Datapath.State.Services, Has.Count.EqualTo(2));
        Assert.That(lab.Monitor.EndReason, Is.Null);
    }

    [TestCaseSource(nameof(Batches))]
    public void The_programs_own_objects_refuse_it_and_stay_as_they_are(ObjectBatch? batch, string flaw)
    {
        var objects = new DatapathObjects();
        if (batch is not null)
            Assert.That(() => objects.Apply(batch), Throws.ArgumentException.With.Message.StartsWith(flaw));
        Assert.That((objects.Revision, objects.All.Length), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void A_list_with_null_does_not_replace_the_programs_own_objects() => Assert.That(
        static () => new DatapathObjects().Replace([s_good, null!]), Throws.ArgumentException.With.Message.StartsWith("Upserted[1] must not be null"));

    [Test]
    public async Task A_stream_that_is_null_ends_the_datapath_with_the_name_of_its_source()
    {
        await using var lab = new HostLab(new NullStream());
        await lab.Host.StartAsync();
        Assert.That(
            async () => await lab.SyncedAsync(),
            Throws.InvalidOperationException.With.Message.EqualTo("the datapath has ended: the source of objects NullStream gave up: its WatchAsync gave null where a stream must be"));
    }

    [Test]
    public void A_source_that_is_null_stops_the_start()
    {
        var lab = new HostLab(static builder => builder.AddSource(static _ => new FakeSource()).AddSource(static _ => null!));
        using (lab.Host)
            Assert.That(() => lab.Host.StartAsync(), Throws.InvalidOperationException.With.Message.EqualTo("source of objects no. 2 is null: what AddSource was given to make it gave none"));
        var health = new HostLab(static builder => builder.AddHealthSource(static _ => null!));
        using (health.Host)
            Assert.That(() => health.Host.StartAsync(), Throws.InvalidOperationException.With.Message.EqualTo("source of health no. 1 is null: what AddHealthSource was given to make it gave none"));
    }

    private sealed class NullStream : IObjectSource
    {
        public IAsyncEnumerable<ObjectBatch> WatchAsync(CancellationToken cancellationToken) => null!;
    }
}
