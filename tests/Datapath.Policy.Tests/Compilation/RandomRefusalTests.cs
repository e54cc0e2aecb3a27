namespace Datapath.Policy.Tests.Compilation;

/// <summary>Objects and refusals come and go in any order.</summary>
internal sealed class RandomRefusalTests
{
    private static readonly string[] s_names = ["a", "b", "c"];

    [Test]
    public void Statuses_tell_of_objects_and_refusals_and_every_change_is_told_once()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var compiler = Make.Compiler();
            var objects = new Dictionary<ObjectKey, bool>();
            var refused = new Dictionary<ObjectKey, string>();
            var told = new Dictionary<ObjectKey, ObjectStatus>();
            for (var step = 0; step < 30; step++)
            {
                var batch = Batch(random, objects, refused);
                foreach (var status in compiler.Apply(batch).Statuses)
                {
                    Assert.That(batch.Deleted.Contains(status.Object) || told.GetValueOrDefault(status.Object) != status, $"seed {seed}, step {step}: {status}");
                    told[status.Object] = status;
                }

                foreach (var gone in told.Keys.Except(objects.Keys).Except(refused.Keys).ToArray())
                    told.Remove(gone);
                Assert.That(compiler.Statuses, Is.EquivalentTo(told.Values), $"seed {seed}, step {step}");
                Assert.That(told.Values.Select(Describe), Is.EquivalentTo(objects.Keys.Union(refused.Keys).Select(key => Expected(key, objects, refused))), $"seed {seed}, step {step}");
            }
        }
    }

    private static string Describe(ObjectStatus status) =>
        $"{status.Object}: {status.Condition} {status.IsOutdated} {(status.Message.Contains("reason", StringComparison.Ordinal) ? status.Message[status.Message.IndexOf("reason", StringComparison.Ordinal)..][..8] : "")}";

    private static string Expected(ObjectKey key, Dictionary<ObjectKey, bool> objects, Dictionary<ObjectKey, string> refused)
    {
        var isGood = objects.GetValueOrDefault(key);
        return $"{key}: {(isGood ? ObjectCondition.NoBackends : ObjectCondition.Rejected)} {isGood && refused.ContainsKey(key)} {refused.GetValueOrDefault(key)}";
    }

    private static ObjectBatch Batch(Random random, Dictionary<ObjectKey, bool> objects, Dictionary<ObjectKey, string> refused)
    {
        List<KubernetesObject> upserted = [];
        List<ObjectKey> deleted = [];
        List<ObjectKey> over = [];
        List<RefusedObject> added = [];
        foreach (var name in s_names)
        {
            var isGood = random.Next(3) > 0;
            var service = Make.Service(name, $"10.96.0.{(int)name[0]}", new ServicePort { Port = isGood ? 80 : 0 });
            if (random.Next(4) == 0 && (objects.Remove(service.Key) || random.Next(2) == 0))
                deleted.Add(service.Key);
            if (random.Next(3) == 0)
            {
                objects[service.Key] = isGood;
                upserted.Add(service);
            }

            if (random.Next(4) == 0 && (refused.Remove(service.Key) || random.Next(2) == 0))
                over.Add(service.Key);
            if (random.Next(4) == 0)
                added.Add(new(service.Key, refused[service.Key] = $"reason {random.Next(2)}"));
        }

        return new([.. upserted], [.. deleted], []) { NoLongerRefused = [.. over], Refused = [.. added] };
    }
}
