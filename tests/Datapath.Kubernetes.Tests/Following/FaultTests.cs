using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Datapath.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Kubernetes.Tests.Following;

/// <summary>What a host makes of a cluster that does not behave.</summary>
internal sealed class FaultTests
{
    [TestCase(HttpProtocols.Http1)]
    [TestCase(HttpProtocols.Http1AndHttp2)]
    public async Task A_watch_that_is_cut_in_the_middle_of_an_event_goes_on_where_it_was(HttpProtocols protocols)
    {
        await using var lab = await KubernetesLab.StartAsync(protocols: protocols);
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        watch.Hold();
        lab.PutService("b");
        var frame = watch.Release().Single();
        watch.Send(frame[..(frame.Length / 2)]);
        watch.Cut();
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1), "no new list");
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a", "apply +b" }));
    }

    [Test]
    public async Task A_watch_that_the_server_ends_goes_on_at_once_and_is_no_failure()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        watch.End();
        await Deadline.UntilAsync(() => lab.Server.CountOf("watch services ") == 2, "the next watch");
        lab.PutService("c");
        await lab.SyncedToAsync("a b c");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1));
        Assert.That(lab.Host.Log.Bad, Is.Empty);
    }

    [Test]
    public async Task A_server_that_ends_watches_at_once_is_not_asked_without_a_pause()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Timings = lab.Timings with { FirstRetry = TimeSpan.FromHours(1), LongestRetry = TimeSpan.FromHours(1) };
        await lab.RunToWatchAsync();
        (await lab.Server.WatchOfAsync("services")).End();
        await Deadline.UntilAsync(() => lab.Server.Store.Sessions.All(static session => session.Resource.Plural != "services"), "the end");
        lab.Put("nodes", """{ "metadata": { "name": "node-b" } }""");
        await Deadline.UntilAsync(() => lab.Kind(ObjectKind.Node).Objects == 2, "a change of another kind");
        Assert.That(lab.Server.CountOf("watch services "), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_version_that_the_server_forgot_means_a_new_list_and_what_vanished_is_gone(bool isToldByStatusCode)
    {
        await using var lab = await KubernetesLab.StartAsync();
        foreach (var name in (string[])["a", "b", "c"])
            lab.PutService(name);
        await lab.RunToWatchAsync();
        var fault = lab.Server.Add(new("watch", "services") { Status = 410, Reason = "Expired", Times = isToldByStatusCode ? 1 : 0 });
        var watch = await lab.Server.WatchOfAsync("services");
        watch.Hold();
        lab.DeleteService("a");
        lab.PutService("d");
        lab.Server.Store.Compact();
        watch.Cut();
        await lab.SyncedToAsync("b c d");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(2));
        Assert.That(fault.Strikes, Is.EqualTo(isToldByStatusCode ? 1 : 0));
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a,b,c", "apply +d -a" }));
    }

    [Test]
    public async Task A_bookmark_saves_the_list_when_older_versions_are_forgotten()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        Assert.That(watch.TakesBookmarks);
        for (var i = 0; i < 10; i++)
            lab.Put("nodes", $$"""{ "metadata": { "name": "n-{{i}}" } }""");
        var before = lab.Kind(ObjectKind.Service).LastContact;
        watch.Send("\n"); // an empty line means nothing
        watch.Send("""{"type":"LATER","object":{"metadata":{"name":"x","resourceVersion":"1"}}}""" + "\n"); // nor does what nobody knows yet
        watch.Bookmark(lab.Server.Store.Version);
        await Deadline.UntilAsync(() => lab.Kind(ObjectKind.Service).LastContact > before, "the bookmark");
        lab.Server.Store.Compact();
        watch.Cut();
        await Deadline.UntilAsync(() => lab.Server.CountOf("watch services ") == 2, "the next watch");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1));
    }

    [Test]
    public async Task A_list_whose_version_is_forgotten_between_two_pages_is_asked_for_in_one()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => options.PageSize = 1;
        foreach (var name in (string[])["a", "b", "c"])
            lab.PutService(name);
        _ = lab.Server.Add(new("list", "services") { After = 1, Status = 410, Reason = "Expired" });
        await lab.RunToWatchAsync();
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a,b,c" }));
        Assert.That(lab.Server.Requests.Where(static line => line.StartsWith("list services", StringComparison.Ordinal)).Select(static line => line.Contains("limit=", StringComparison.Ordinal)),
            Is.EqualTo(new[] { true, true, false }));
    }

    [Test]
    public async Task Pages_are_of_one_version_whatever_happens_meanwhile()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => options.PageSize = 1;
        foreach (var name in (string[])["a", "b", "c"])
            lab.PutService(name);
        var open = new TaskCompletionSource();
        var fault = lab.Server.Add(new("list", "services") { After = 1, Until = open.Task });
        await lab.RunAsync();
        await Deadline.UntilAsync(() => fault.Strikes == 1, "the second page");
        lab.DeleteService("a"); // which was told already
        lab.PutService("d");
        open.SetResult();
        await lab.SyncedToAsync("b c d");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(3));
    }

    [TestCase(500, "InternalError")]
    [TestCase(503, "ServiceUnavailable")]
    [TestCase(429, "TooManyRequests")]
    [TestCase(403, "Forbidden")]
    [TestCase(502, "")]
    public async Task Refusals_are_told_and_tried_again(int status, string reason)
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        var list = lab.Server.Add(new("list", "services") { Status = status, Reason = reason, Times = -1 });
        await lab.RunAsync();
        await Deadline.UntilAsync(() => list.Strikes > 2, "tries");
        Assert.That(lab.Datapath.Calls, Is.Empty);
        var health = await lab.Host.HealthAsync();
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(health.Description, Does.Contain($"Service: Listing, 0 objects: {status} {(reason.Length > 0 ? reason : "Bad Gateway")}"));
        Assert.That(lab.Host.Log.Bad, Has.Exactly(1).Contains("Cannot follow services"), "told once");
        lab.Server.Remove(list);
        await lab.Host.SyncedAsync();
        Assert.That(lab.Services, Is.EqualTo("a"));

        var watch = lab.Server.Add(new("watch", "services") { Status = status, Reason = reason, Times = 2 });
        (await lab.Server.WatchOfAsync("services")).Cut();
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        Assert.That(watch.Strikes, Is.EqualTo(2));
        Assert.That(lab.Server.Requests.Count(static line => line.StartsWith("list services", StringComparison.Ordinal)), Is.EqualTo(list.Strikes + 1), "no list after the watch");
    }

    [Test]
    public async Task A_server_that_asks_for_a_pause_gets_it()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        var fault = lab.Server.Add(new("list", "services") { Status = 429, Reason = "TooManyRequests", RetryAfter = 3600 });
        await lab.RunAsync();
        await Deadline.UntilAsync(() => lab.Host.Log.Bad.Any(), "the refusal");
        Assert.That(lab.Host.Log.Bad.Single(), Does.EndWith("429 TooManyRequests: as the test wants it; next try in 300.0 s"), "as far as that is reasonable");
        Assert.That(fault.Strikes, Is.EqualTo(1));
        Assert.That(lab.Datapath.Calls, Is.Empty);
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_asked_again()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Timings = lab.Timings with { Answer = TimeSpan.FromMilliseconds(300) };
        lab.PutService("a");
        var never = new TaskCompletionSource();
        var fault = lab.Server.Add(new("list", "services") { Until = never.Task });
        await lab.RunAsync();
        await lab.SyncedToAsync("a");
        Assert.That(fault.Strikes, Is.EqualTo(1));
        Assert.That(lab.Host.Log.Bad.Single(), Does.Contain("does not answer within 0.3 s"));
        never.SetResult();
    }

    [Test]
    public async Task A_list_that_is_cut_is_asked_for_again()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        var fault = lab.Server.Add(new("list", "services") { Cuts = true, Times = 2 });
        await lab.RunToWatchAsync();
        Assert.That((lab.Services, fault.Strikes), Is.EqualTo(("a", 2)));
    }

    [Test]
    public async Task Events_that_come_twice_change_nothing()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        watch.Hold();
        lab.PutService("b");
        lab.PutService("b", port: 81);
        lab.DeleteService("a");
        var frames = watch.Release();
        Assert.That(frames, Has.Length.EqualTo(3));
        foreach (var frame in (string[])[frames[0], frames[0], frames[1], frames[0], frames[1], frames[2], frames[2]])
            watch.Send(frame);
        lab.PutService("c");
        await lab.SyncedToAsync("b c");
        Assert.That(lab.Datapath.State.Services[Objects.Name("b")].Frontends[0].Address.Port, Is.EqualTo(81));
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1));
        Assert.That(lab.Host.Log.Bad, Is.Empty);
    }

    [Test]
    public async Task Events_in_another_order_lead_to_the_same_by_a_new_list()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        watch.Hold();
        lab.PutService("b");
        lab.DeleteService("b");
        lab.PutService("c");
        var frames = watch.Release();
        foreach (var frame in frames.Reverse())
            watch.Send(frame);
        await Deadline.UntilAsync(() => lab.Server.CountOf("list services ") == 2, "a new list");
        lab.PutService("d");
        await lab.SyncedToAsync("a c d");
        Assert.That(lab.Host.Log.Bad.Single(), Does.Contain("told an older change after a newer one"));
    }

    [TestCase("this is no JSON\n")]
    [TestCase("[]\n")]
    [TestCase("{\"type\":\"ADDED\"}\n")]
    [TestCase("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\"}}}\n")]
    [TestCase("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\",\"resourceVersion\":\"999\"}}} {}\n")]
    public async Task What_is_no_event_means_a_new_list(string garbage)
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        (await lab.Server.WatchOfAsync("services")).Send(garbage);
        await Deadline.UntilAsync(() => lab.Server.CountOf("list services ") == 2, "a new list");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Host.Log.Bad.Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task An_event_without_end_is_not_read_for_ever()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        var watch = await lab.Server.WatchOfAsync("services");
        for (var i = 0; i < 17; i++)
            watch.Send(new string(' ', 1 << 20));
        await Deadline.UntilAsync(() => lab.Server.CountOf("list services ") == 2, "a new list");
        Assert.That(lab.Host.Log.Bad.Single(), Does.Contain("an event of a watch is longer than 16777216 bytes"));
    }

    [Test]
    public async Task A_server_that_is_gone_leaves_everything_in_force_and_is_told_of()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => options.StaleAfter = TimeSpan.FromSeconds(1);
        lab.PutService("a");
        await lab.RunToWatchAsync();
        await lab.Server.PauseAsync();
        await Deadline.UntilAsync(() => lab.Host.Monitor.Kubernetes.All(static kind => kind.IsStale), "staleness");
        var health = await lab.Host.HealthAsync();
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(health.Description, Does.StartWith("what is known of the cluster may be out of date: Service: Interrupted, 1 objects, stale: "));
        Assert.That(lab.Host.Monitor.Diagnostics.First().ToString(), Does.Contain("Service: stays as it was: "));
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a" }));
        await lab.Server.ResumeAsync();
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        await Deadline.UntilAsync(() => lab.Host.Monitor.Kubernetes.All(static kind => kind is { IsStale: false, Problem: null }), "all is well again");
        Assert.That((await lab.Host.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1), "no new list");
    }

    [Test]
    public async Task A_server_that_is_not_there_yet_is_waited_for()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.Server.PauseAsync();
        await lab.RunAsync();
        await Deadline.UntilAsync(() => lab.Host.Log.Bad.Count() == 7, "each kind is told of");
        Assert.That((await lab.Host.HealthAsync()).Status, Is.EqualTo(HealthStatus.Unhealthy));
        await lab.Server.ResumeAsync();
        await lab.SyncedToAsync("a");
    }

    [Test]
    public async Task A_watch_that_outlives_its_time_is_given_up()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Timings = lab.Timings with { Watch = TimeSpan.FromMilliseconds(100), WatchGrace = TimeSpan.FromMilliseconds(100) };
        lab.PutService("a");
        await lab.RunAsync();
        await lab.Host.SyncedAsync();
        await Deadline.UntilAsync(() => lab.Host.Log.Bad.Any(static line => line.Contains("did not end the watch", StringComparison.Ordinal)), "a watch is given up");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1));
    }

    [Test]
    public async Task A_custom_kind_that_is_missing_for_a_moment_keeps_its_objects()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Put("clusterlocalredirectpolicies", Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        var fault = lab.Server.Add(new("watch", "clusterlocalredirectpolicies") { Status = 404, Reason = "NotFound" });
        (await lab.Server.WatchOfAsync("clusterlocalredirectpolicies")).Cut();
        await Deadline.UntilAsync(() => lab.Server.CountOf("list clusterlocalredirectpolicies ") == 2, "a new list");
        lab.PutService("a");
        await lab.SyncedToAsync("a dns:local-redirect");
        Assert.That(fault.Strikes, Is.EqualTo(1));
        Assert.That(lab.Host.Monitor.Current.Statuses.Keys.Select(static key => key.Name), Has.Member("dns"));
        Assert.That(lab.Host.Log.At(Microsoft.Extensions.Logging.LogLevel.Debug).Where(static line => line.Contains("dns", StringComparison.Ordinal)).Count(), Is.EqualTo(1), "told once");
    }
}
