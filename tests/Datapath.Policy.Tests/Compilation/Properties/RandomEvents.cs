using Datapath.Policy.Tests.Compilation.Inputs;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Makes up what happens: mostly changes of objects, one or several at a time.</summary>
internal static class RandomEvents
{
    /// <summary>With more objects of the few names and addresses there is hardly a chance to hold an address.</summary>
    private const int MostObjects = 22;

    public static List<RandomEvent> Next(int seed, int steps)
    {
        var random = new Random(seed);
        var node = RandomConfigurations.Next(random);
        var objects = new Dictionary<ObjectKey, KubernetesObject>();
        var events = new List<RandomEvent> { new(0, node) };
        for (var step = 1; step <= steps; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    events.Add(new(step, node = RandomConfigurations.Edit(random, node)));
                    break;
                case 1:
                    events.AddRange(random.Few(1, 12, () => new RandomEvent(step, Health(random))));
                    break;
                default:
                    events.AddRange(Objects(random, objects).Select(what => new RandomEvent(step, what)));
                    break;
            }
        }

        return events;
    }

    public static HealthResult Health(Random random) => new(
        new(random.Namespace, random.Name), L4Address.Parse($"{Bracketed(random.PodAddress)}:{random.PortAt(0)}/{random.Protocol}"), random.Maybe());

    private static List<object> Objects(Random random, Dictionary<ObjectKey, KubernetesObject> objects)
    {
        var changes = new List<object>();
        var isFull = objects.Count > MostObjects;
        foreach (var key in objects.Keys.Where(_ => random.Once(isFull ? 5 : 80)).ToList())
        {
            objects.Remove(key);
            changes.Add(key);
        }

        // Often of an object that is not there.
        if (random.Once(40))
        {
            var key = RandomObjects.Next(random).Key;
            objects.Remove(key);
            changes.Add(key);
        }

        for (var count = random.Once(3) ? random.Next(2, 6) : 1; count > 0; count--)
        {
            var item = objects.Count > 0 && random.Once(2)
                ? RandomObjects.Edit(random, objects.Values.ElementAt(random.Next(objects.Count)))
                : RandomObjects.Next(random);
            objects[item.Key] = item;
            changes.Add(item);
        }

        return changes;
    }

    private static string Bracketed(string ip) => ip.Contains(':') ? $"[{ip}]" : ip;
}
