using System.Net;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Kinds;

/// <summary>What a program writes into objects of its own kind.</summary>
internal sealed class PatchTests
{
    private static readonly KubernetesMetadata s_anyVersion = new() { Namespace = "default", Name = "a" };

    [Test]
    public async Task A_status_is_written_and_nothing_else()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        var written = await lab.Cluster.PatchStatusAsync(Widget.Kind, s_anyVersion, new() { ["phase"] = "Fine" }, Deadline.Token);
        Assert.That((written.Object!.Status!.Phase, written.Object.Spec.Size, written.Metadata.Generation), Is.EqualTo(("Fine", 1, 1L)));
        lab.Read();
        await lab.KnownAsync("a=1");
        Assert.That(lab["a"], Has.Property("Metadata").EqualTo(written.Metadata).Using<KubernetesMetadata>(static (x, y) => x.ResourceVersion == y.ResourceVersion && x.Uid == y.Uid));
        Assert.That(lab.Server.CountOf("patch widgets/a/status ?fieldManager=datapath"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_version_that_somebody_else_changed_meanwhile_is_a_conflict()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        lab.Read();
        await lab.KnownAsync("a=1");
        var seen = lab["a"].Metadata;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray("tests/one") } };
        var kept = await lab.Cluster.PatchAsync(Widget.Kind, seen, patch, Deadline.Token);
        Assert.That(kept.Metadata.Finalizers, Is.EqualTo(new[] { "tests/one" }));
        Assert.That(patch["metadata"]!["resourceVersion"], Is.Null, "the caller's patch is not changed");
        var conflict = await Assert.ThrowsAsync<KubernetesApiException>(() => lab.Cluster.PatchAsync(Widget.Kind, seen, patch, Deadline.Token));
        Assert.That((conflict!.IsConflict, conflict.IsNotFound, conflict.Status), Is.EqualTo((true, false, (HttpStatusCode?)HttpStatusCode.Conflict)));
        _ = await lab.Cluster.PatchAsync(Widget.Kind, seen with { ResourceVersion = "" }, new() { ["spec"] = new JsonObject { ["size"] = 7 } }, Deadline.Token);
        await lab.KnownAsync("a=7");
    }

    [Test]
    public async Task What_the_server_says_is_in_the_exception()
    {
        await using var lab = await KindLab.StartAsync();
        var none = await Assert.ThrowsAsync<KubernetesApiException>(() => lab.Cluster.PatchStatusAsync(Widget.Kind, s_anyVersion, [], Deadline.Token));
        Assert.That((none!.IsNotFound, none.Message), Is.EqualTo((true, "404 NotFound: widgets \"a\" not found")));
        _ = lab.Server.Add(new("patch", "widgets") { Status = 429, Reason = "TooManyRequests", RetryAfter = 7 });
        var busy = await Assert.ThrowsAsync<KubernetesApiException>(() => lab.Cluster.PatchStatusAsync(Widget.Kind, s_anyVersion, [], Deadline.Token));
        Assert.That(busy!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(7)));
        await lab.Server.PauseAsync();
        var gone = await Assert.ThrowsAsync<KubernetesApiException>(() => lab.Cluster.PatchStatusAsync(Widget.Kind, s_anyVersion, [], Deadline.Token));
        Assert.That((gone!.Status, gone.InnerException is null), Is.EqualTo(((HttpStatusCode?)null, false)));
        Assert.That(gone.Message, Does.Contain("refused"));
    }

    [Test]
    public async Task A_name_is_no_path()
    {
        await using var lab = await KindLab.StartAsync();
        lab.Put("a", 1);
        var other = await Assert.ThrowsAsync<KubernetesApiException>(
            () => lab.Cluster.PatchAsync(Widget.Kind, s_anyVersion with { Name = "x/../a" }, new() { ["spec"] = new JsonObject { ["size"] = 7 } }, Deadline.Token));
        Assert.That(other!.IsNotFound);
        Assert.That((int)lab.Server.Store.Find(Widget.Resource, "default", "a")!["spec"]!["size"]!, Is.EqualTo(1));
    }
}
