using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Kubernetes.Tests.Following;

/// <summary>Random histories of a kind, told with events twice, late, cut off and by new lists, against the server's own state.</summary>
internal sealed class RandomStreamTests
{
    private static readonly ApiResource s_services = ApiResource.BuiltIn[0];
    private static readonly ApiSelectors s_all = new(null, "", "");

    [Test]
    public async Task Whatever_is_told_in_whatever_way_the_outcome_is_what_the_server_has([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        var resource = new KubernetesResource(ObjectKind.Service, "v1", "services");
        var feed = new KubernetesFeed([ObjectKind.Service]);
        var (server, store) = (new ApiStore(), new KindStore(resource, feed));
        var mirror = new Dictionary<ObjectKey, KubernetesObject>();
        var refused = new HashSet<ObjectKey>();
        var session = new WatchSession(s_services, s_all, true);
        List(server, store);
        feed.Complete(ObjectKind.Service);
        Assert.That(server.Watch(session, server.Version));
        var pending = new List<string>();
        for (var step = 0; step < 200; step++)
        {
            Change(server, random);
            while (session.Output.TryRead(out var frame))
                pending.Add(Encoding.UTF8.GetString(frame!));
            if (random.Next(3) == 0)
                continue;
            var isInOrder = Deliver(pending, store, random);
            pending.Clear();
            if (isInOrder && random.Next(20) > 0)
                continue;
            List(server, store);
        }

        while (session.Output.TryRead(out var frame))
            pending.Add(Encoding.UTF8.GetString(frame!));
        foreach (var frame in pending)
        {
            if (!store.Take(WatchEvent.Read(Encoding.UTF8.GetBytes(frame.TrimEnd('\n')), null)!))
                List(server, store);
        }

        feed.Take(new() { Objects = { [Objects.Key("last")] = Objects.Service("last") } });
        await ReadAsync(feed, mirror, refused);
        _ = mirror.Remove(Objects.Key("last"));
        var expected = server.List(s_services, s_all, null, "", 0)!.Value.Items.ToDictionary(static item => (string)item["metadata"]!["name"]!, static item => (int)item["spec"]!["ports"]![0]!["port"]!);
        Assert.That(store.Count, Is.EqualTo(expected.Count));
        Assert.That(refused.Select(static key => key.Name), Is.EquivalentTo(expected.Where(static item => item.Value > 65535).Select(static item => item.Key)));
        Assert.That(
            mirror.Values.Cast<Service>().Where(item => !refused.Contains(item.Key)).Select(static item => (item.Metadata.Name, item.Spec.Ports[0].Port)),
            Is.EquivalentTo(expected.Where(static item => item.Value <= 65535).Select(static item => (item.Key, item.Value))));
        Assert.That(mirror.Keys.Select(static key => key.Name), Is.SubsetOf(expected.Keys), "what is kept of refused objects goes with them");
    }

    private static void Change(ApiStore server, Random random)
    {
        var name = $"s{random.Next(6)}";
        var item = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = "10.96.0.1",
                ["ports"] = new JsonArray(new JsonObject { ["port"] = random.Next(5) == 0 ? 70000 : random.Next(1, 100) }),
            },
        };
        if (random.Next(3) == 0)
            _ = server.Delete(s_services, "default", name);
        else
            _ = server.Put(s_services, item);
    }

    /// <summary>Tells events in order or out of it, some of them twice.</summary>
    private static bool Deliver(List<string> frames, KindStore store, Random random)
    {
        var told = new List<string>();
        foreach (var frame in frames)
        {
            told.Add(frame);
            if (random.Next(4) == 0)
                told.Add(told[random.Next(told.Count)]);
        }

        if (random.Next(10) == 0 && told.Count > 1)
            (told[0], told[^1]) = (told[^1], told[0]);
        return told.All(frame => store.Take(WatchEvent.Read(Encoding.UTF8.GetBytes(frame.TrimEnd('\n')), null)!));
    }

    private static void List(ApiStore server, KindStore store)
    {
        var (version, items, _) = server.List(s_services, s_all, null, "", 0)!.Value;
        var list = new JsonObject
        {
            ["kind"] = "ServiceList",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) },
            ["items"] = new JsonArray([.. items]),
        };
        store.Replace([ListPage.Read(Encoding.UTF8.GetBytes(list.ToJsonString()), null)]);
    }

    private static async Task ReadAsync(KubernetesFeed feed, Dictionary<ObjectKey, KubernetesObject> mirror, HashSet<ObjectKey> refused)
    {
        var batch = await feed.ReadAsync(Deadline.Token);
        foreach (var key in batch.Deleted)
            _ = mirror.Remove(key);
        foreach (var item in batch.Upserted)
            mirror[item.Key] = item;
        refused.ExceptWith(batch.NoLongerRefused);
        refused.UnionWith(batch.Refused.Select(static item => item.Object));
        Assert.That(batch.IsPartial, Is.EqualTo(refused.Count > 0));
    }
}
