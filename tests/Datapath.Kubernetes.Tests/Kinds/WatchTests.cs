using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kubernetes.Tests.Kinds;

/// <summary>What a program sees of a kind of its own, however the server behaves.</summary>
internal sealed class WatchTests
{
    [Test]
    public async Task The_first_step_is_the_complete_list_in_however_many_pages()
    {
        await using var lab = await KindLab.StartAsync(static options => options.PageSize = 2);
        for (var i = 1; i <= 5; i++)
            lab.Put($"w{i}", i);
        lab.Read();
        await lab.KnownAsync("w1=1 w2=2 w3=3 w4=4 w5=5");
        Assert.That(lab.Steps, Is.EqualTo(new[] { "+w1 +w2 +w3 +w4 +w5" }));
        Assert.That(lab.Server.CountOf("list widgets"), Is.EqualTo(3));
        lab.Put("w2", 22);
        lab.Delete("w1");
        await lab.KnownAsync("w2=22 w3=3 w4=4 w5=5");
        await Deadline.UntilAsync(() => lab.Watch.Status is { State: KubernetesKindState.Watching, Objects: 4, IsStale: false, Problem: null, LastContact: not null }, "the status");
    }

    [Test]
    public async Task An_empty_list_is_a_step()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Read();
        await lab.KnownAsync("");
        Assert.That(lab.Steps, Is.EqualTo(new[] { "" }));
    }

    [Test]
    public async Task Metadata_are_read_beside_the_object()
    {
        await using var lab = await KindLab.StartAsync();
        var item = lab.Put("a", 1);
        item["metadata"]!["finalizers"] = new JsonArray("one", "two");
        _ = lab.Server.Store.Put(Widget.Resource, item);
        lab.Delete("a");
        lab.Read();
        await lab.KnownAsync("a=1");
        var metadata = lab["a"].Metadata;
        Assert.That((metadata.ToString(), metadata.Uid, metadata.Generation, metadata.IsDeleting), Is.EqualTo(("default/a", (string?)item["metadata"]!["uid"], 2L, true)));
        Assert.That(metadata.Finalizers, Is.EqualTo(new[] { "one", "two" }));
        Assert.That(metadata.CreationTimestamp, Is.EqualTo(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task The_server_selects()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1, """{ "app": "web" }""");
        lab.Put("b", 2);
        lab.Put("c", 3, """{ "app": "web" }""", "other");
        lab.Read("default", "app=web");
        await lab.KnownAsync("a=1");
        lab.Put("a", 1); // loses its label
        await lab.KnownAsync("");
        Assert.That(lab.Steps, Is.EqualTo(new[] { "+a", "-a" }));
    }

    [TestCase("""{ "size": "big" }""", "spec.size: \"big\" cannot be read: The JSON value could not be converted to System.Int32")]
    [TestCase("""{ "parts": [1, {}] }""", "spec.parts[1]: {} cannot be read: The JSON value could not be converted to System.Int32")]
    [TestCase("null", "JSON deserialization for type 'Datapath.Kubernetes.Tests.Kinds.Widget' was missing required properties including: 'spec'")]
    public async Task An_object_that_cannot_be_read_says_why_and_hinders_no_other(string spec, string problem)
    {
        await using var lab = await KindLab.StartAsync();
        var bad = lab.Put("bad", spec);
        if (spec == "null")
            _ = bad.Remove("spec");
        _ = lab.Server.Store.Put(Widget.Resource, bad);
        lab.Put("good", 1);
        lab.Read();
        await lab.KnownAsync($"bad={problem} good=1");
        Assert.That(lab["bad"].IsReadable, Is.False);
        lab.Put("bad", 2);
        await lab.KnownAsync("bad=2 good=1");
    }

    [Test]
    public async Task A_watch_that_breaks_goes_on_where_it_was()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        (await lab.Server.WatchOfAsync("widgets")).Cut();
        lab.Put("b", 2);
        await lab.KnownAsync("a=1 b=2");
        Assert.That(lab.Server.CountOf("list widgets"), Is.EqualTo(1), "no new list");
        Assert.That(lab.Steps, Is.EqualTo(new[] { "+a", "+b" }));
    }

    [Test]
    public async Task After_a_version_that_is_forgotten_only_what_is_another_is_told()
    {
        await using var lab = await KindLab.StartAsync();
        foreach (var name in (string[])["a", "b", "c"])
            lab.Put(name, 1);
        lab.Read();
        await lab.KnownAsync("a=1 b=1 c=1");
        var watch = await lab.Server.WatchOfAsync("widgets");
        watch.Hold();
        lab.Delete("a");
        lab.Put("c", 2);
        lab.Put("d", 1);
        lab.Server.Store.Compact();
        watch.Cut();
        await lab.KnownAsync("b=1 c=2 d=1");
        Assert.That(lab.Steps, Is.EqualTo(new[] { "+a +b +c", "+c +d -a" }));
    }

    [Test]
    public async Task Events_that_come_twice_tell_nothing_and_those_in_another_order_lead_to_a_new_list()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        var watch = await lab.Server.WatchOfAsync("widgets");
        watch.Hold();
        lab.Put("b", 1);
        lab.Put("b", 2);
        var frames = watch.Release();
        watch.Send(frames[0]);
        await lab.KnownAsync("a=1 b=1");
        foreach (var frame in (string[])[frames[0], frames[1], frames[0], frames[1]])
            watch.Send(frame);
        await lab.KnownAsync("a=1 b=2");
        Assert.That(lab.Server.CountOf("list widgets"), Is.EqualTo(1));
        watch.Hold();
        lab.Put("c", 1);
        lab.Put("d", 1);
        foreach (var frame in watch.Release().Reverse())
            watch.Send(frame);
        await lab.KnownAsync("a=1 b=2 c=1 d=1");
        Assert.That(lab.Server.CountOf("list widgets"), Is.EqualTo(2));
        Assert.That(lab.Steps, Is.EqualTo(new[] { "+a", "+b", "+b", "+d", "+c" }));
    }

    [TestCase(500, "InternalError")]
    [TestCase(403, "Forbidden")]
    [TestCase(429, "TooManyRequests")]
    public async Task A_server_that_refuses_is_asked_again_and_that_is_told_once(int status, string reason)
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        var fault = lab.Server.Add(new("list", "widgets") { Status = status, Reason = reason, Times = -1 });
        lab.Read();
        await Deadline.UntilAsync(() => fault.Strikes > 2, "tries");
        Assert.That(lab.Steps, Is.Empty);
        Assert.That(lab.Watch.Status.ToString(), Does.StartWith($"Listing, 0 objects: {status} {reason}"));
        Assert.That(lab.Log.Bad.Single(), Does.StartWith("Cannot follow widgets"));
        lab.Server.Remove(fault);
        await lab.KnownAsync("a=1");
    }

    [Test]
    public async Task A_server_that_is_gone_takes_nothing_away_and_the_watch_goes_stale()
    {
        await using var lab = await KindLab.StartAsync(static options => options.StaleAfter = TimeSpan.FromSeconds(1));
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        await lab.Server.PauseAsync();
        await Deadline.UntilAsync(() => lab.Watch.Status is { IsStale: true, State: KubernetesKindState.Interrupted }, "staleness");
        Assert.That(lab.Steps, Has.Length.EqualTo(1));
        await lab.Server.ResumeAsync();
        lab.Put("b", 1);
        await lab.KnownAsync("a=1 b=1");
        Assert.That(lab.Watch.Status.IsStale, Is.False);
    }

    [Test]
    public async Task A_kind_that_is_not_installed_yet_is_no_empty_list()
    {
        await using var lab = await KindLab.StartAsync(isInstalled: false);
        lab.Read();
        await Deadline.UntilAsync(() => lab.Watch.Status.State is KubernetesKindState.NotInstalled, "it is noticed");
        Assert.That(lab.Steps, Is.Empty);
        lab.Put("a", 1);
        lab.Server.Resources.Add(Widget.Resource);
        await lab.KnownAsync("a=1");
        _ = lab.Server.Resources.Remove(Widget.Resource);
        (await lab.Server.WatchOfAsync("widgets")).Cut();
        await lab.KnownAsync("");
    }

    [Test]
    public async Task What_changes_often_before_it_is_read_is_told_once_as_it_is_then()
    {
        await using var lab = await KindLab.StartAsync();
        var watch = lab.Cluster.Watch(Widget.Kind);
        await using var steps = watch.ReadAllAsync(Deadline.Token).GetAsyncEnumerator();
        Assert.That(await steps.MoveNextAsync());
        for (var i = 0; i < 100; i++)
            lab.Put("a", i);
        lab.Put("b", 1);
        lab.Delete("b");
        lab.Put("last", 1);
        await Deadline.UntilAsync(() => watch.Status.Objects == 2, "all is told");
        Assert.That(await steps.MoveNextAsync());
        Assert.That(steps.Current.Upserted.Select(static item => $"{item.Metadata.Name}={item.Object!.Spec.Size}"), Is.EqualTo(new[] { "a=99", "last=1" }));
        Assert.That(steps.Current.Deleted.Select(static gone => gone.Name), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public async Task A_watch_has_one_reader_at_a_time_and_the_next_begins_anew()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        Assert.That(
            async () => await lab.Watch.ReadAllAsync(Deadline.Token).GetAsyncEnumerator().MoveNextAsync(),
            Throws.InvalidOperationException.With.Message.EqualTo("the watch of widgets is read already; make another one"));
        var other = lab.Cluster.Watch(Widget.Kind);
        for (var i = 0; i < 2; i++)
        {
            await foreach (var batch in other.ReadAllAsync(Deadline.Token))
            {
                Assert.That(batch.Upserted, Has.Length.EqualTo(1));
                break;
            }
        }
    }

    [Test]
    public async Task It_is_measured_while_it_is_read()
    {
        using var meters = new MeterLab();
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        Assert.That((meters.Gauge("datapath.kubernetes.object.known", "widgets"), meters.Gauge("datapath.kubernetes.stale", "widgets")), Is.EqualTo((1.0, 0.0)));
        Assert.That(meters.Sum("datapath.kubernetes.list", "kind", "widgets"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_host_that_follows_a_cluster_follows_other_kinds_of_it_too()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Server.Resources.Add(Widget.Resource);
        lab.Put("widgets", """{ "metadata": { "name": "a", "namespace": "default" }, "spec": { "size": 3 } }""");
        lab.PutService("web");
        await lab.RunToWatchAsync();
        var cluster = lab.Host.Host.Services.GetRequiredService<KubernetesCluster>();
        await using var steps = cluster.Watch(Widget.Kind).ReadAllAsync(Deadline.Token).GetAsyncEnumerator();
        Assert.That(await steps.MoveNextAsync());
        Assert.That((steps.Current.Upserted.Single().Object!.Spec.Size, lab.Services), Is.EqualTo((3, "web")));
        Assert.That(lab.Host.Monitor.Kubernetes, Has.Length.EqualTo(7), "the datapath knows nothing of it");
    }

    [Test]
    public void What_is_wrong_with_the_options_is_told_at_once() => Assert.That(
        static () => KubernetesCluster.Open(new() { KubeConfig = "relative", PageSize = 0 }),
        Throws.TypeOf<Microsoft.Extensions.Options.OptionsValidationException>()
            .With.Message.Contains("kubernetes:kubeconfig: 'relative' must be an absolute path").And.Message.Contains("kubernetes:pageSize: 0 must be 1 to 10000"));
}
