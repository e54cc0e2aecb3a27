using Datapath.Policy.Tests.Compilation.Inputs;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>What holds for all inputs, tried on random ones. A case is a state that is compared; there are more than 100,000.</summary>
internal sealed class RandomTests
{
    private const int Seeds = 1700;
    private const int Steps = 64;
    private const int Orders = 400;

    [Test]
    public void At_every_step_the_state_is_that_of_the_naive_compiler()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var events = RandomEvents.Next(seed, Steps);
            var readEach = 1 + (seed % 4);
            if (Run(events, readEach) is not { } failure)
                continue;
            var fewer = Shrinker.Shrink(events, list => Run(list, readEach) is not null);
            Assert.Fail($"seed {seed}: {Run(fewer, readEach)}\n{string.Join('\n', fewer)}\n(at first: {failure})");
        }
    }

    [Test]
    public void The_same_objects_in_any_order_and_any_batches_give_the_same_state_and_statuses()
    {
        for (var seed = 0; seed < Orders; seed++)
        {
            var random = new Random(seed);
            var node = RandomConfigurations.Next(random);
            var objects = Enumerable.Range(0, 40).Select(_ => RandomObjects.Next(random)).DistinctBy(item => item.Key).ToArray();
            var results = random.Few(0, 12, () => RandomEvents.Health(random)).DistinctBy(result => (result.Service, result.Backend)).ToArray();
            var atOnce = new PolicyCompiler(node);
            atOnce.Apply(ObjectBatch.Upsert(objects));
            atOnce.Apply([.. results]);
            random.Shuffle(objects);
            var inParts = InParts(random, node, objects, results);
            Assert.That(States.Difference(atOnce.State.Services, inParts.State.Services), Is.Null, $"seed {seed}");
            Assert.That(States.Difference(atOnce.State.Pods, inParts.State.Pods), Is.Null, $"seed {seed}");
            Assert.That(inParts.Statuses, Is.EquivalentTo(atOnce.Statuses), $"seed {seed}");
        }
    }

    /// <summary>Otherwise the other tests would say little.</summary>
    [Test]
    public void Random_objects_bring_about_whatever_the_rules_know()
    {
        var counts = new Dictionary<string, int>();
        for (var seed = 0; seed < 300; seed++)
        {
            foreach (var compiled in Replay.Sample(RandomEvents.Next(seed, Steps), each: 8))
            {
                foreach (var what in Features.Of(compiled))
                    counts[what] = counts.GetValueOrDefault(what) + 1;
            }
        }

        Assert.That(Features.All.Where(what => counts.GetValueOrDefault(what) < 10), Is.Empty, "each in ten states of 2400 at least");
    }

    private static PolicyCompiler InParts(Random random, NodeConfiguration node, KubernetesObject[] objects, HealthResult[] results)
    {
        var compiler = new PolicyCompiler(random.Once(2) ? node : RandomConfigurations.Next(random));
        if (random.Once(2))
            compiler.Apply([.. results]);
        foreach (var part in objects.Chunk(random.Next(1, 8)))
            compiler.Apply(ObjectBatch.Upsert(part));
        compiler.Apply([.. results]);
        compiler.Apply(node);
        return compiler;
    }

    /// <summary>An exception is a failure like others, so that its events are shrunk too.</summary>
    private static string? Run(List<RandomEvent> events, int readEach)
    {
        try
        {
            return Replay.Run(events, readEach);
        }
#pragma warning disable CA1031 // whatever it is, it is reported
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception.ToString();
        }
    }
}
