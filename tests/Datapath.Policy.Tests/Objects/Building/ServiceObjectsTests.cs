namespace Datapath.Policy.Tests.Objects.Building;

internal sealed class ServiceObjectsTests
{
    private static ServiceBuilder Web => new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080);

    private static ServiceObjects Many(int count)
    {
        var builder = Web;
        for (var i = 0; i < count; i++)
            builder.Backend($"10.1.{i / 250}.{(i % 250) + 1}");
        return new(builder);
    }

    private static string Text(ObjectBatch batch) => string.Join(' ', batch.Deleted.Select(static key => $"-{key.Name}").Concat(batch.Upserted.Select(Text)));

    private static string Text(KubernetesObject item) => item is EndpointSlice slice
        ? $"{slice.Metadata.Name}:{slice.Weight}[{string.Join(',', slice.Endpoints.Select(static e => $"{e.Addresses[0]}{(e.Conditions.State is BackendState.Active ? "" : $"({e.Conditions.State})")}"))}]"
        : item.Metadata.Name;

    [Test]
    public void A_backend_changes_one_slice_however_many_there_are()
    {
        var service = Many(1000);
        Assert.Multiple(() =>
        {
            Assert.That(service.Upsert(new ServiceBackend("10.1.1.7") { State = BackendState.Terminating }).Upserted, Has.Length.EqualTo(1));
            Assert.That(service.Upsert(new ServiceBackend("10.2.0.1")).Upserted.Select(Text), Is.EqualTo(new[] { "web-11:100[10.2.0.1]" }));
            Assert.That(((EndpointSlice)service.Remove("10.1.0.1").Upserted.Single()).Endpoints, Has.Length.EqualTo(99));
            Assert.That(((EndpointSlice)service.Upsert(new ServiceBackend("10.2.0.2")).Upserted.Single()).Endpoints, Has.Length.EqualTo(100), "the room is used");
        });
    }

    [Test]
    public void Another_weight_is_another_slice()
    {
        var service = new ServiceObjects(Web.Backend("10.0.0.1").Backend("10.0.0.2"));
        Assert.Multiple(() =>
        {
            Assert.That(Text(service.Upsert(new ServiceBackend("10.0.0.2") { Weight = 10 })), Is.EqualTo("web-1:100[10.0.0.1] web-2:10[10.0.0.2]"));
            Assert.That(Text(service.Upsert(new ServiceBackend("10.0.0.1") { Weight = 10 })), Is.EqualTo("-web-1 web-2:10[10.0.0.2,10.0.0.1]"));
            Assert.That(Text(service.Upsert(new ServiceBackend("10.0.0.2"))), Is.EqualTo("web-2:10[10.0.0.1] web-1:100[10.0.0.2]"), "the number is used again");
            Assert.That(service.Find("10.0.0.1"), Is.EqualTo(new ServiceBackend("10.0.0.1") { Weight = 10 }));
        });
    }

    [Test]
    public void However_an_address_is_written_it_is_the_same_backend()
    {
        var service = new ServiceObjects(Web.Backend("fd00::1"));
        Assert.Multiple(() =>
        {
            Assert.That(service.Find("FD00:0::0:1")?.Address, Is.EqualTo("fd00::1"));
            Assert.That(Text(service.Upsert(new ServiceBackend("fd00:0::1") { State = BackendState.Maintenance })), Is.EqualTo("web-1:100[fd00:0::1(Maintenance)]"));
            Assert.That(Text(service.Remove("fd00::1")), Is.EqualTo("-web-1"));
            Assert.That(service.Remove("fd00::1").IsEmpty);
            Assert.That(() => new ServiceObjects(Web.Backend("fd00::1").Backend("fd00:0::1")), Throws.ArgumentException.With.Message.StartsWith("service shop/web has backend fd00:0::1 twice"));
        });
    }

    [Test]
    public void What_it_takes_to_become_another_version_is_what_differs()
    {
        var before = new ServiceObjects(Web.Backend("10.0.0.1").Backend("fd00::1"));
        Assert.Multiple(() =>
        {
            Assert.That(Text(before.ChangesTo(new(Web.Backend("10.0.0.1").Backend("fd00::1")))), Is.Empty);
            Assert.That(Text(before.ChangesTo(new(Web.Backend("10.0.0.1")))), Is.EqualTo("-web-2"));
            Assert.That(Text(before.ChangesTo(new(Web.Port(81, name: "b").Backend("10.0.0.1").Backend("fd00::1")))), Does.Contain("web-1").And.Contains("web-2").And.StartsWith("web "));
            Assert.That(() => before.ChangesTo(new(new ServiceBuilder("shop", "other"))), Throws.ArgumentException);
        });
    }

    // Whatever the order of the changes, what comes of the batches one by one is what there would be if it had been made at once.
    [Test]
    public void Batches_lead_to_what_building_at_once_would_compile_to([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var service = new ServiceObjects(Web);
        var compiler = Make.Compiler([.. service.All]);
        for (var step = 0; step < 200; step++)
        {
            var address = $"10.0.0.{random.Next(1, 250)}";
            var backend = new ServiceBackend(address) { Weight = random.Next(3) * 50, State = (BackendState)random.Next(4) };
            _ = compiler.Apply(random.Next(3) == 0 ? service.Remove(address) : service.Upsert(backend, backend with { Address = $"10.0.1.{random.Next(1, 250)}" }));
        }

        var name = new ServiceName("shop", "web");
        Assert.That(compiler.State.Services[name], Is.EqualTo(Make.Compiler([.. service.All]).State.Services[name]));
        Assert.That(service.All.OfType<EndpointSlice>().Sum(static slice => slice.Endpoints.Length), Is.EqualTo(service.Backends.Count));
    }
}
