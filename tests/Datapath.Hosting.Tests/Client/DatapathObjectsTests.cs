using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Client;

internal sealed class DatapathObjectsTests
{
    [Test]
    public async Task The_initial_list_is_what_is_there_and_what_follows_is_one_step()
    {
        var objects = new DatapathObjects();
        _ = objects.Upsert(Objects.Service("a"), Objects.Service("b", 2));
        await using var watch = objects.WatchAsync(Deadline.Token).GetAsyncEnumerator();
        Assert.That(await watch.MoveNextAsync());
        Assert.That((Objects.Text(watch.Current.Upserted), watch.Current.Revision), Is.EqualTo(("a:80 b:80", 1L)));

        _ = objects.Upsert(Objects.Service("c", 3));
        _ = objects.Delete(Objects.Key("a"), Objects.Key("c"));
        _ = objects.Upsert(Objects.Service("a", 4));
        Assert.That(await watch.MoveNextAsync());
        Assert.Multiple(() =>
        {
            Assert.That(Objects.Text(watch.Current.Upserted), Is.EqualTo("a:80"));
            Assert.That(watch.Current.Deleted, Is.EqualTo(new[] { Objects.Key("c") }));
            Assert.That(watch.Current.Revision, Is.EqualTo(objects.Revision).And.EqualTo(4));
            Assert.That(Objects.Text(objects.All), Is.EqualTo("a:80 b:80"));
        });
    }

    [Test]
    public async Task Replacing_all_tells_only_what_differs()
    {
        var objects = new DatapathObjects();
        _ = objects.Upsert(Objects.Service("a"), Objects.Service("b", 2));
        await using var watch = objects.WatchAsync(Deadline.Token).GetAsyncEnumerator();
        Assert.That(await watch.MoveNextAsync());
        var revision = objects.Replace([Objects.Service("b", 2), Objects.Service("c", 3)]);
        Assert.That(await watch.MoveNextAsync());
        Assert.That((Objects.Text(watch.Current.Upserted), watch.Current.Revision), Is.EqualTo(("c:80", revision)));
        Assert.That(watch.Current.Deleted, Is.EqualTo(new[] { Objects.Key("a") }));
    }

    [Test]
    public async Task Without_objects_the_initial_list_is_empty()
    {
        await using var watch = new DatapathObjects().WatchAsync(Deadline.Token).GetAsyncEnumerator();
        Assert.That(await watch.MoveNextAsync());
        Assert.That(watch.Current.IsEmpty);
    }

    [Test]
    public async Task Many_threads_lose_nothing()
    {
        var objects = new DatapathObjects();
        var seen = new Dictionary<ObjectKey, KubernetesObject>();
        await using var watch = objects.WatchAsync(Deadline.Token).GetAsyncEnumerator();
        var writers = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                _ = objects.Upsert(Objects.Service($"s-{writer}-{i}", i));
                if (i % 3 == 0)
                    _ = objects.Delete(Objects.Key($"s-{writer}-{i / 3}"));
            }
        }))).ContinueWith(done => objects.Upsert(Objects.Service("last")), TaskScheduler.Default);
        while (!seen.ContainsKey(Objects.Key("last")))
        {
            Assert.That(await watch.MoveNextAsync());
            foreach (var key in watch.Current.Deleted)
                _ = seen.Remove(key);
            foreach (var item in watch.Current.Upserted)
                seen[item.Key] = item;
        }

        Assert.That(await writers, Is.EqualTo(objects.Revision).And.EqualTo(watch.Current.Revision));
        Assert.That(seen.Keys.Order(), Is.EqualTo(objects.All.Select(static item => item.Key)));
    }
}
