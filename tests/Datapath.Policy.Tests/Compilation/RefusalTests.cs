using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>What a source refuses never becomes an object, and has a status all the same.</summary>
internal sealed class RefusalTests
{
    private static readonly Service s_service = Given.ClusterService();
    private static readonly ObjectBatch s_over = ObjectBatch.Empty with { NoLongerRefused = [s_service.Key] };
    private static readonly EndpointSlice s_slice = Given.Slice(Given.Endpoint("10.1.0.1"));

    private static ObjectBatch Refusal(string reason = "spec.ports: is bad") => ObjectBatch.Empty with { Refused = [new(s_service.Key, reason)] };

    private static string[] Texts(CompileResult result) => [.. result.Statuses.Select(static status => status.ToString())];

    [Test]
    public void An_unknown_object_is_rejected_until_the_refusal_is_over()
    {
        var compiler = Make.Compiler();
        Assert.That(Texts(compiler.Apply(Refusal())), Is.EqualTo(new[] { "Service default/web: Rejected: spec.ports: is bad" }));
        Assert.That(compiler.Statuses.Single(), Is.EqualTo(compiler.Status(s_service)));
        Assert.That(compiler.Apply(Refusal()).Statuses, Is.Empty, "the same as before");
        Assert.That(Texts(compiler.Apply(Refusal("is worse"))), Is.EqualTo(new[] { "Service default/web: Rejected: is worse" }));
        Assert.That(compiler.Apply(s_over).Statuses, Is.Empty);
        Assert.That(compiler.TryGetStatus(s_service.Key, out _), Is.False);
        Assert.That(compiler.Statuses, Is.Empty);
    }

    [Test]
    public void A_known_object_stays_as_it_is_and_its_status_says_so()
    {
        const string Outdated = "2 frontends; a newer version is refused: spec.ports: is bad; the last good one is in force";
        var compiler = Make.Compiler(s_service, s_slice);
        var before = compiler.Status(s_service);
        var result = compiler.Apply(Refusal());
        Assert.That(result.Changes.IsEmpty);
        Assert.That(result.Statuses.Single(), Is.EqualTo(before with { IsOutdated = true, Message = before.Message + Outdated["2 frontends".Length..] }));
        Assert.That(compiler.Statuses, Is.EquivalentTo(new[] { compiler.Status(s_service), compiler.Status(s_slice) }));
        Assert.That(Texts(compiler.Apply(ObjectBatch.Delete(s_slice.Key))).Single(), Does.Contain("NoBackends").And.Contains("; a newer version is refused: "));
        compiler.Apply(ObjectBatch.Upsert(s_slice));
        Assert.That(compiler.Apply(s_over).Statuses, Is.EqualTo(new[] { before }));
    }

    [Test]
    public void A_refused_object_that_is_deleted_is_only_refused()
    {
        var compiler = Make.Compiler(s_service);
        compiler.Apply(Refusal());
        Assert.That(Texts(compiler.Apply(ObjectBatch.Delete(s_service.Key))), Is.EqualTo(new[] { "Service default/web: Rejected: spec.ports: is bad" }));
        Assert.That(compiler.Apply(ObjectBatch.Upsert(s_service)).Statuses.Single().IsOutdated);
    }

    [Test]
    public void A_batch_may_end_a_refusal_and_begin_another()
    {
        var compiler = Make.Compiler();
        compiler.Apply(Refusal());
        var result = compiler.Apply(s_over with { Refused = [new(s_service.Key, "is worse")] });
        Assert.That(Texts(result), Is.EqualTo(new[] { "Service default/web: Rejected: is worse" }));
    }

    [Test]
    public void An_explanation_of_an_address_where_nothing_is_names_what_is_refused()
    {
        var compiler = Make.Compiler();
        compiler.Apply(Refusal());
        var steps = compiler.Explain(DialClient.Host, L4Address.Parse("10.96.0.1:80/TCP")).Steps;
        Assert.That(steps.Single(static step => step.Subject == "Service default/web").Reason, Does.EndWith(": spec.ports: is bad"));
    }

    [Test]
    public void The_table_of_objects_has_a_row_for_it()
    {
        var compiler = Make.Compiler();
        compiler.Apply(Refusal());
        var row = Datapath.Policy.Tables.PolicyTables.Of(compiler, new Dictionary<PodName, ulong>()).Objects.Single();
        Assert.That(row, Is.EqualTo(new Datapath.Policy.Tables.ObjectRow("Service", "default", "web", "Rejected", 0, "spec.ports: is bad", IsOutdated: false)));
    }
}
