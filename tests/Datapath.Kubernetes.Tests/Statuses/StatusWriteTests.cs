using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Datapath.Kubernetes.Tests.Statuses;

/// <summary>What a host writes into redirect policies.</summary>
internal sealed class StatusWriteTests
{
    private const string Plural = "clusterlocalredirectpolicies";

    private static JsonObject? StatusOf(KubernetesLab lab, string name, string plural = Plural, string node = "node-a") =>
        lab.Server.Store.Find(lab.Resource(plural), plural == Plural ? "" : "default", name)?["status"]?["nodes"]?[node]?.AsObject();

    private static Task UntilAsync(KubernetesLab lab, string name, string condition, string plural = Plural) => Deadline.UntilAsync(
        () => (string?)StatusOf(lab, name, plural)?["condition"] == condition,
        $"{name} is {condition}, and not {StatusOf(lab, name, plural)?.ToJsonString()}; {string.Join("; ", lab.Host.Log.Bad)}");

    private static void PutPod(KubernetesLab lab, bool isReady = true) => lab.Put("pods", $$"""
        {
          "metadata": { "name": "dns-1", "namespace": "kube-system", "labels": { "k8s-app": "dns" } },
          "spec": { "nodeName": "node-a", "containers": [{ "name": "dns" }] },
          "status": { "phase": "Running", "podIP": "10.244.0.9", "podIPs": [{ "ip": "10.244.0.9" }], "conditions": [{ "type": "Ready", "status": "{{(isReady ? "True" : "False")}}" }] }
        }
        """);

    [Test]
    public async Task What_became_of_a_policy_is_written_under_the_name_of_the_node_and_what_others_wrote_stays()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var policy = JsonNode.Parse(Policies.Cluster("dns"))!.AsObject();
        policy["status"] = new JsonObject { ["nodes"] = new JsonObject { ["node-b"] = new JsonObject { ["condition"] = "Active" } } };
        _ = lab.Server.Store.Put(lab.Resource(Plural), policy);
        lab.Put("ciliumlocalredirectpolicies", Policies.Cilium("metadata"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        await UntilAsync(lab, "metadata", "NoBackends", "ciliumlocalredirectpolicies");
        var status = StatusOf(lab, "dns")!;
        Assert.That((int)status["frontends"]!, Is.Zero);
        Assert.That((int)status["observedGeneration"]!, Is.EqualTo(1));
        Assert.That((string?)status["message"], Does.StartWith("no ready pod on this node matches"));
        Assert.That(DateTimeOffset.TryParse((string?)status["lastTransitionTime"], out _));
        Assert.That((string?)StatusOf(lab, "dns", node: "node-b")!["condition"], Is.EqualTo("Active"));
        PutPod(lab);
        await UntilAsync(lab, "dns", "Active");
        Assert.That((int)StatusOf(lab, "dns")!["frontends"]!, Is.EqualTo(1));
        Assert.That((string?)StatusOf(lab, "dns", node: "node-b")!["condition"], Is.EqualTo("Active"));
        Assert.That(lab.Server.Requests.Where(static line => line.StartsWith("patch", StringComparison.Ordinal)), Has.All.Contain("/status ?fieldManager=datapath"));
    }

    [Test]
    public async Task Of_a_policy_that_another_source_has_it_is_written_whose_is_in_force()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var other = new FakeSource();
        other.Tell(new RedirectBuilder("dns", "kube-system", "k8s-app=dns").Address("169.254.20.11", 53, L4Protocol.Udp).ToPort(53, L4Protocol.Udp).Build());
        lab.Build = builder => builder.AddSource(_ => other);
        lab.Put(Plural, Policies.Cluster("dns"));
        PutPod(lab);
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "Conflict");
        Assert.That((string?)StatusOf(lab, "dns")!["message"], Is.EqualTo("the source of objects FakeSource has it too, and goes first"));
        other.Tell(ObjectBatch.Delete(new ObjectKey(ObjectKind.ClusterLocalRedirectPolicy, "", "dns")));
        await UntilAsync(lab, "dns", "Active");
    }

    [Test]
    public async Task What_is_written_already_is_not_written_again()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Put(Plural, Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        await lab.Host.DisposeAsync();
        await lab.RunToWatchAsync(); // another process of the same node
        lab.Put(Plural, Policies.Cluster("later", "169.254.20.11"));
        await UntilAsync(lab, "later", "NoBackends");
        lab.Put("namespaces", """{ "metadata": { "name": "other" } }""");
        lab.PutService("a");
        await Deadline.UntilAsync(() => lab.Services.Contains('a', StringComparison.Ordinal), "a step that changes no status");
        Assert.That(lab.Server.CountOf("patch "), Is.EqualTo(2));
    }

    [Test]
    public async Task A_change_that_says_the_same_of_a_new_generation_is_written_and_keeps_its_time()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Put(Plural, Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        var before = StatusOf(lab, "dns")!;
        var changed = lab.Server.Store.Find(lab.Resource(Plural), "", "dns")!;
        changed["status"]!["nodes"]!["node-a"]!["lastTransitionTime"] = "2020-01-01T00:00:00Z";
        changed["spec"]!["frontends"]![0]!["addresses"]![0] = "169.254.20.12";
        _ = lab.Server.Store.Put(lab.Resource(Plural), changed);
        await Deadline.UntilAsync(() => (int)StatusOf(lab, "dns")!["observedGeneration"]! == 2, "the new generation");
        Assert.That((string?)StatusOf(lab, "dns")!["lastTransitionTime"], Is.EqualTo("2020-01-01T00:00:00Z"));
        Assert.That((int)before["observedGeneration"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task A_policy_that_flaps_is_written_no_more_often_than_clusters_like()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Timings = lab.Timings with { BetweenWritesOfOne = TimeSpan.FromHours(1) };
        lab.Put(Plural, Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        for (var i = 0; i < 20; i++)
            PutPod(lab, isReady: i % 2 == 0);
        lab.Put(Plural, Policies.Cluster("later", "169.254.20.11"));
        await Deadline.UntilAsync(() => StatusOf(lab, "later") is not null, "another policy is written, whatever the pod was just then");
        Assert.That(lab.Server.CountOf($"patch {Plural}/dns/status"), Is.EqualTo(1));
    }

    [Test]
    public async Task With_problems_only_a_policy_that_is_in_force_says_nothing()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => options.StatusWrites = KubernetesStatusWrites.Problems;
        lab.Put(Plural, Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        PutPod(lab);
        await Deadline.UntilAsync(() => StatusOf(lab, "dns") is null, "it is taken back");
        Assert.That(lab.Server.CountOf("patch "), Is.EqualTo(2));
    }

    [Test]
    public async Task Nothing_is_written_where_nobody_wants_it()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Configure = static options => options.StatusWrites = KubernetesStatusWrites.None;
        lab.Put(Plural, Policies.Cluster("dns"));
        await lab.RunToWatchAsync();
        PutPod(lab);
        await Deadline.UntilAsync(() => lab.Services == "dns:local-redirect", "it is in force");
        Assert.That(lab.Server.CountOf("patch "), Is.Zero);
    }

    [Test]
    public async Task A_cluster_that_drops_the_status_is_written_to_once()
    {
        await using var lab = await KubernetesLab.StartAsync();
        _ = lab.Server.Resources.Remove(ApiResource.CiliumPolicies);
        lab.Server.Resources.Add(ApiResource.CiliumPolicies with { DropsStatusByNode = true });
        lab.Put("ciliumlocalredirectpolicies", Policies.Cilium("one"));
        lab.Put("ciliumlocalredirectpolicies", Policies.Cilium("two", "81"));
        await lab.RunToWatchAsync();
        await Deadline.UntilAsync(() => lab.Host.Log.Bad.Any(), "the warning");
        lab.Put(Plural, Policies.Cluster("dns"));
        await UntilAsync(lab, "dns", "NoBackends");
        Assert.That(lab.Host.Log.At(LogLevel.Warning).Single(), Does.StartWith("The cluster keeps no status.nodes of ciliumlocalredirectpolicies, so none is written"));
        Assert.That(lab.Server.CountOf("patch cilium"), Is.EqualTo(1));
    }

    [TestCase(403, "Forbidden")]
    [TestCase(409, "Conflict")]
    [TestCase(422, "Invalid")]
    [TestCase(500, "InternalError")]
    public async Task A_write_that_fails_is_tried_again_and_told_once_and_hinders_nothing(int status, string reason)
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Put(Plural, Policies.Cluster("dns"));
        var fault = lab.Server.Add(new("patch", Plural) { Status = status, Reason = reason, Times = 3 });
        await lab.RunToWatchAsync();
        PutPod(lab);
        await UntilAsync(lab, "dns", "Active");
        Assert.That(fault.Strikes, Is.EqualTo(3));
        Assert.That(lab.Host.Log.At(LogLevel.Warning).Single(),
            Is.EqualTo($"The status of ClusterLocalRedirectPolicy dns is not written: {status} {reason}: as the test wants it; this is tried again"));
    }

    [TestCase("node-0", false)] // it is there, says something and comes first
    [TestCase("node-b", true)]
    public async Task What_nodes_said_that_are_gone_is_taken_back_by_one_of_those_that_are_there(string other, bool isOurs)
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Timings = lab.Timings with { NodeGone = TimeSpan.FromMilliseconds(50) };
        lab.Put("nodes", $$"""{ "metadata": { "name": "{{other}}" } }""");
        var policy = JsonNode.Parse(Policies.Cluster("dns"))!.AsObject();
        policy["status"] = new JsonObject
        {
            ["nodes"] = new JsonObject { ["gone"] = new JsonObject { ["condition"] = "Active" }, [other] = new JsonObject { ["condition"] = "Active" } },
        };
        _ = lab.Server.Store.Put(lab.Resource(Plural), policy);
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "dns", "NoBackends");
        lab.Put(Plural, Policies.Cluster("later", "169.254.20.11"));
        if (isOurs)
            await Deadline.UntilAsync(() => StatusOf(lab, "dns", node: "gone") is null, "it is taken back");
        await UntilAsync(lab, "later", "NoBackends");
        Assert.That(StatusOf(lab, "dns", node: "gone") is null, Is.EqualTo(isOurs));
        Assert.That((string?)StatusOf(lab, "dns", node: other)!["condition"], Is.EqualTo("Active"));
        Assert.That((string?)StatusOf(lab, "dns")!["condition"], Is.EqualTo("NoBackends"));
    }

    [Test]
    public async Task A_policy_that_the_server_has_and_the_library_refuses_says_why()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Put("ciliumlocalredirectpolicies", Policies.Cilium("metadata", "70000"));
        await lab.RunToWatchAsync();
        await UntilAsync(lab, "metadata", "Rejected", "ciliumlocalredirectpolicies");
        Assert.That((string?)StatusOf(lab, "metadata", "ciliumlocalredirectpolicies")!["message"], Does.Contain("spec.redirectFrontend.addressMatcher.toPorts[0].port: '70000'"));
    }
}
