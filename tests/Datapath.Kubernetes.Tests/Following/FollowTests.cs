using System.Net;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Datapath.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Kubernetes.Tests.Following;

/// <summary>What a host makes of a cluster that behaves.</summary>
internal sealed class FollowTests
{
    [TestCase("127.0.0.1", HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [TestCase("127.0.0.1", HttpProtocols.Http1, "HTTP/1.1")]
    [TestCase("::1", HttpProtocols.Http1AndHttp2, "HTTP/2")]
    public async Task Everything_that_is_there_is_one_step_and_changes_follow(string address, HttpProtocols protocols, string expected)
    {
        await using var lab = await KubernetesLab.StartAsync(IPAddress.Parse(address), protocols);
        lab.Configure = static options => options.PageSize = 2;
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            lab.PutService(name);
        await lab.RunToWatchAsync();
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a,b,c,d,e" }));
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(3), "pages");
        lab.PutService("f");
        await lab.SyncedToAsync("a b c d e f");
        lab.DeleteService("a");
        await lab.SyncedToAsync("b c d e f");
        lab.PutService("b", port: 81);
        await Deadline.UntilAsync(() => lab.Datapath.State.Services[Objects.Name("b")].Frontends[0].Address.Port == 81, "the change");
        Assert.That(lab.Server.Protocols.Keys, Is.EqualTo(new[] { expected }));
        Assert.That(lab.Host.Log.Bad, Is.Empty);
        Assert.That((await lab.Host.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(lab.Kind(ObjectKind.Service).ToString(), Is.EqualTo("Service: Watching, 5 objects"));
    }

    [Test]
    public async Task Nothing_is_applied_before_every_kind_is_complete()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        var open = new TaskCompletionSource();
        var fault = lab.Server.Add(new("list", "namespaces") { Until = open.Task });
        await lab.RunAsync();
        await Deadline.UntilAsync(() => lab.Host.Monitor.Kubernetes.Count(static kind => kind.State is KubernetesKindState.Watching) == 6, "all kinds but one");
        lab.PutService("b");
        await Deadline.UntilAsync(() => lab.Kind(ObjectKind.Service).Objects == 2, "a change meanwhile");
        Assert.That(lab.Datapath.Calls, Is.Empty);
        Assert.That((await lab.Host.HealthAsync()).Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(fault.Strikes, Is.EqualTo(1));
        open.SetResult();
        await lab.Host.SyncedAsync();
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a,b" }));
    }

    [Test]
    public async Task The_server_is_asked_only_for_what_a_node_needs()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        lab.PutService("foreign", labels: """{ "service.kubernetes.io/service-proxy-name": "mine" }""");
        lab.Put("pods", """{ "metadata": { "name": "here", "namespace": "default" }, "spec": { "nodeName": "node-a", "containers": [] } }""");
        lab.Put("pods", """{ "metadata": { "name": "there", "namespace": "default" }, "spec": { "nodeName": "node-b", "containers": [] } }""");
        lab.Put("endpointslices", """{ "metadata": { "name": "a-1", "namespace": "default", "labels": { "kubernetes.io/service-name": "a" } }, "addressType": "IPv4", "endpoints": [], "ports": [] }""");
        lab.Put("endpointslices", """{ "metadata": { "name": "h-1", "namespace": "default", "labels": { "kubernetes.io/service-name": "h", "service.kubernetes.io/headless": "" } }, "addressType": "IPv4", "endpoints": [], "ports": [] }""");
        lab.Put("endpointslices", """{ "metadata": { "name": "nobody", "namespace": "default" }, "addressType": "IPv4", "endpoints": [], "ports": [] }""");
        await lab.RunToWatchAsync();
        Assert.That(lab.Services, Is.EqualTo("a"));
        Assert.That((lab.Kind(ObjectKind.Pod).Objects, lab.Kind(ObjectKind.EndpointSlice).Objects), Is.EqualTo((1, 1)));
        Assert.That(lab.Server.Requests, Has.Member("list pods ?limit=500&fieldSelector=spec.nodeName=node-a"));
        lab.PutService("a", labels: """{ "service.kubernetes.io/service-proxy-name": "mine" }""");
        lab.PutService("foreign");
        await lab.SyncedToAsync("foreign");
    }

    [Test]
    public async Task Kinds_that_are_switched_off_are_not_asked_for()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => (options.Pods, options.RedirectPolicies) = (false, false);
        await lab.RunToWatchAsync();
        Assert.That(lab.Host.Monitor.Kubernetes.Select(static kind => kind.Kind),
            Is.EqualTo(new[] { ObjectKind.Service, ObjectKind.EndpointSlice, ObjectKind.Node, ObjectKind.Namespace }));
        Assert.That(lab.Server.Requests.Where(static line => line.Contains("polic", StringComparison.Ordinal) || line.Contains("pods", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Heartbeats_change_nothing()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        await lab.RunToWatchAsync();
        for (var i = 0; i < 5; i++)
            lab.Server.Store.Touch(lab.Resource("services"), "default", "a");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a", "apply +b" }));
    }

    [Test]
    public async Task A_bad_object_is_refused_alone_and_its_last_good_version_stays_until_it_is_deleted()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        lab.PutService("bad", port: 70000);
        lab.PutService("c");
        await lab.RunToWatchAsync();
        Assert.That(lab.Services, Is.EqualTo("a c"));
        Assert.That(lab.Host.Monitor.Diagnostics.Select(static d => d.ToString()),
            Is.EqualTo(new[] { "api/v1/services: Service default/bad: spec.ports[0].port: '70000' must be 1 to 65535" }));
        Assert.That(lab.Host.Monitor.Current.NotInForce.Single().ToString(), Does.Contain("Service default/bad: Rejected"));
        lab.PutService("c", port: 70000);
        await Deadline.UntilAsync(() => lab.Host.Monitor.Current.NotInForce.Length == 2, "the refusal");
        Assert.That(lab.Services, Is.EqualTo("a c"), "the last good version");
        lab.PutService("bad", port: 81);
        lab.DeleteService("c");
        await lab.SyncedToAsync("a bad");
        await Deadline.UntilAsync(() => lab.Host.Monitor.Diagnostics.IsEmpty && lab.Host.Monitor.Current.NotInForce.IsEmpty, "nothing to complain of");
    }

    [Test]
    public async Task A_kind_that_is_not_installed_is_done_without_and_found_when_it_comes()
    {
        await using var lab = await KubernetesLab.StartAsync();
        _ = lab.Server.Resources.Remove(ApiResource.ClusterPolicies);
        lab.PutService("a");
        await lab.RunToWatchAsync();
        Assert.That(lab.Services, Is.EqualTo("a"));
        await lab.KindIsAsync(ObjectKind.ClusterLocalRedirectPolicy, KubernetesKindState.NotInstalled);
        Assert.That((await lab.Host.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        lab.Server.Resources.Add(ApiResource.ClusterPolicies);
        lab.Put("clusterlocalredirectpolicies", Policies.Cluster("dns"));
        await Deadline.UntilAsync(() => lab.Host.Monitor.Current.Statuses.Keys.Any(static key => key.Name == "dns"), "the policy");
        await lab.KindIsAsync(ObjectKind.ClusterLocalRedirectPolicy, KubernetesKindState.Watching);

        // Its definition is deleted, and all objects of it.
        _ = lab.Server.Resources.Remove(ApiResource.ClusterPolicies);
        (await lab.Server.WatchOfAsync("clusterlocalredirectpolicies")).End();
        await Deadline.UntilAsync(() => lab.Host.Monitor.Current.Statuses.Keys.All(static key => key.Name != "dns"), "the policy is gone");
        await lab.KindIsAsync(ObjectKind.ClusterLocalRedirectPolicy, KubernetesKindState.NotInstalled);
    }

    [Test]
    public async Task A_name_that_no_node_has_is_told()
    {
        await using var lab = await KubernetesLab.StartAsync();
        Assert.That(lab.Server.Store.Delete(lab.Resource("nodes"), "", "node-a"), Is.Not.Null);
        await lab.RunToWatchAsync();
        Assert.That(
            lab.Host.Monitor.Diagnostics.Single().ToString(),
            Is.EqualTo($"127.0.0.1:{lab.Server.Port}: node:name: 'node-a' is no node of the cluster: nothing is local to it, and it has no pods"));
        lab.Put("nodes", """{ "metadata": { "name": "node-a" } }""");
        await Deadline.UntilAsync(() => lab.Host.Monitor.Diagnostics.IsEmpty, "it is one now");
    }

    [Test]
    public async Task What_is_known_and_how_that_went_is_measured()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("a");
        lab.Put("clusterlocalredirectpolicies", Policies.Cluster("dns"));
        using var meter = new MeterLab();
        await lab.RunToWatchAsync();
        await Deadline.UntilAsync(() => meter.Sum("datapath.kubernetes.status.written", "outcome", "done") == 1, "the write");
        (await lab.Server.WatchOfAsync("services")).Cut();
        await Deadline.UntilAsync(() => meter.Sum("datapath.kubernetes.failure", "kind", "Service") == 1, "the failure");
        Assert.That(meter.Sum("datapath.kubernetes.list", "kind", "Service"), Is.EqualTo(1));
        Assert.That((meter.Gauge("datapath.kubernetes.object.known", "Service"), meter.Gauge("datapath.kubernetes.object.known", "Node")), Is.EqualTo((1, 1)));
        Assert.That(meter.Gauge("datapath.kubernetes.contact.age", "Service"), Is.InRange(0, 60));
        Assert.That(meter.Gauge("datapath.kubernetes.stale", "Service"), Is.Zero);
    }
}
