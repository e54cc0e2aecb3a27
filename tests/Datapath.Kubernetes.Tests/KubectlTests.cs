using System.Text.Json.Nodes;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;

namespace Datapath.Kubernetes.Tests;

/// <summary>Another client of the same protocol sees the same: the server of these tests is honest.</summary>
internal sealed class KubectlTests
{
    private const string Manifest = """
        apiVersion: v1
        kind: Service
        metadata: { name: applied, namespace: default, labels: { app: web } }
        spec: { clusterIP: 10.96.0.77, ports: [{ port: 80 }] }
        """;

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Test]
    public async Task It_lists_in_pages_and_by_selectors()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var kubectl = new Kubectl(lab.Server);
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            lab.PutService(name, labels: name is "a" ? """{ "app": "web", "tier": "front" }""" : """{ "app": "web" }""");
        lab.Put("pods", """{ "metadata": { "name": "here", "namespace": "default" }, "spec": { "nodeName": "node-a" } }""");
        lab.Put("pods", """{ "metadata": { "name": "there", "namespace": "other" }, "spec": { "nodeName": "node-b" } }""");
        Assert.That(
            Lines(await kubectl.RunAsync("get services -A -o name --chunk-size=2")), Is.EqualTo(new[] { "service/a", "service/b", "service/c", "service/d", "service/e" }));
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(3));
        Assert.That(Lines(await kubectl.RunAsync("get services -A -o name -l !tier,app=web")), Has.Length.EqualTo(4));
        Assert.That(Lines(await kubectl.RunAsync("get pods -A -o name --field-selector spec.nodeName=node-a")), Is.EqualTo(new[] { "pod/here" }));
        Assert.That(Lines(await kubectl.RunAsync("get pods -n other -o name")), Is.EqualTo(new[] { "pod/there" }));
    }

    [Test]
    public async Task What_it_applies_and_deletes_is_followed()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var kubectl = new Kubectl(lab.Server);
        await lab.RunToWatchAsync();
        _ = await kubectl.RunAsync("apply --validate=false -f -", Manifest);
        await lab.SyncedToAsync("applied");
        _ = await kubectl.RunAsync("patch service applied --type=merge -p {\"spec\":{\"ports\":[{\"port\":81}]}}");
        await Deadline.UntilAsync(() => lab.Datapath.State.Services[Objects.Name("applied")].Frontends[0].Address.Port == 81, "the change");
        _ = await kubectl.RunAsync("delete service applied --wait=false");
        await lab.SyncedToAsync("");
    }

    [Test]
    public async Task It_watches_what_the_host_watches()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var kubectl = new Kubectl(lab.Server);
        lab.PutService("a");
        using var watch = kubectl.Start("get services -A --watch --output-watch-events -o json");
        try
        {
            var events = new List<string>();
            var reading = Task.Run(() => ReadEvents(watch.StandardOutput, events));
            await Deadline.UntilAsync(() => lab.Server.Store.Sessions.Length == 1, "its watch");
            lab.PutService("b");
            lab.PutService("b", port: 81);
            lab.DeleteService("a");
            await Deadline.UntilAsync(() => Count(events) == 4, "four events");
            lock (events)
                Assert.That(events, Is.EqualTo(new[] { "ADDED a", "ADDED b", "MODIFIED b", "DELETED a" }));
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync(Deadline.Token);
        }
    }

    [Test]
    public async Task It_shows_the_status_that_a_host_writes()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var kubectl = new Kubectl(lab.Server);
        _ = await kubectl.RunAsync("create --validate=false -f -", Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        await Deadline.UntilAsync(() => lab.Server.CountOf("patch ") == 1, "the write");
        Assert.That(await kubectl.RunAsync("get clusterlocalredirectpolicies dns -o jsonpath={.status.nodes.node-a.condition}"), Is.EqualTo("NoBackends"));
    }

    private static int Count(List<string> events)
    {
        lock (events)
            return events.Count;
    }

    /// <summary>It prints each event as an object of several lines, with a brace alone at the end.</summary>
    private static void ReadEvents(StreamReader output, List<string> events)
    {
        var text = "";
        while (output.ReadLine() is { } line)
        {
            text += line;
            if (line != "}" && !(text == line && line.EndsWith('}')))
                continue;
            var told = JsonNode.Parse(text)!;
            lock (events)
                events.Add($"{told["type"]} {told["object"]!["metadata"]!["name"]}");
            text = "";
        }
    }
}
