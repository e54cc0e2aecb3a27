namespace Datapath.Policy.Tests.Compilation;

/// <summary>Random objects and edits: the compiler against the naive one, and its change sets against its state.</summary>
internal sealed class RandomTests
{
    private const int Seeds = 400;
    private const int Edits = 60;

    [Test]
    public void Random_edits_give_the_state_of_the_naive_compiler_at_every_step()
    {
        for (var seed = 0; seed < Seeds; seed++)
            Walk(seed);
    }

    [Test]
    public void The_same_objects_in_any_order_and_any_batches_give_the_same_state_and_statuses()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var maker = new RandomObjects(random);
            var objects = Enumerable.Range(0, 30).Select(_ => maker.Next()).DistinctBy(item => item.Key).ToArray();
            var atOnce = Make.Compiler(objects);
            random.Shuffle(objects);
            var oneByOne = Make.Compiler();
            foreach (var item in objects)
                oneByOne.Apply(ObjectBatch.Upsert(item));
            Assert.That(oneByOne.State.Services, Is.EquivalentTo(atOnce.State.Services), $"seed {seed}");
            Assert.That(oneByOne.Statuses, Is.EquivalentTo(atOnce.Statuses), $"seed {seed}");
        }
    }

    private static void Walk(int seed)
    {
        var random = new Random(seed);
        var maker = new RandomObjects(random);
        var objects = new Dictionary<ObjectKey, KubernetesObject>();
        var compiler = new PolicyCompiler(new());
        var applied = DesiredState.Empty;
        for (var step = 0; step < Edits; step++)
        {
            CompileResult result;
            if (random.Next(12) == 0)
            {
                result = compiler.Apply(new NodeConfiguration { Name = maker.Node() ?? "" });
            }
            else
            {
                var batch = Batch(random, maker, objects);
                result = compiler.Apply(batch);
            }

            applied = applied.With(result.Changes);
            var expected = NaiveCompiler.Compile(objects.Values, compiler.Node.Name);
            var where = $"seed {seed}, step {step}";
            Assert.That(Same(expected, applied), $"{where}: the change sets add up to the state");
            if (random.Next(3) == 0)
                Assert.That(Same(expected, compiler.State), $"{where}: the state");
            Assert.That(result.Changes.Upserted.Select(service => service.Name), Is.Unique, where);
            Assert.That(result.Changes.Upserted.Select(service => service.Name).Intersect(result.Changes.Removed), Is.Empty, where);
            Assert.That(compiler.Statuses.Select(status => status.Object), Is.EquivalentTo(objects.Keys), where);
        }
    }

    private static ObjectBatch Batch(Random random, RandomObjects maker, Dictionary<ObjectKey, KubernetesObject> objects)
    {
        var upserted = Enumerable.Range(0, random.Next(4)).Select(_ => maker.Next()).ToList();
        var deleted = objects.Keys.Where(_ => random.Next(10) == 0).ToList();
        foreach (var key in deleted)
            objects.Remove(key);
        upserted.AddRange(objects.Values.OfType<Service>().Where(_ => random.Next(8) == 0).Select(maker.Aged).ToList());
        foreach (var item in upserted)
            objects[item.Key] = item;
        return new([.. upserted], [.. deleted], []);
    }

    private static bool Same(Dictionary<ServiceName, DesiredService> expected, DesiredState actual) =>
        expected.Count == actual.Services.Count
        && expected.All(pair => actual.Services.TryGetValue(pair.Key, out var service) && service.Equals(pair.Value));
}
