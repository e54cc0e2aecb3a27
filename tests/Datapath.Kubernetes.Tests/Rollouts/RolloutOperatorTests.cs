using System.Text.Json.Nodes;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Datapath.Operator.Rollouts;

namespace Datapath.Kubernetes.Tests.Rollouts;

/// <summary>What the operator of the samples makes of rollouts, and of a cluster that does not behave.</summary>
internal sealed class RolloutOperatorTests
{
    [Test]
    public async Task A_rollout_becomes_a_service_of_both_families_and_tells_so()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.Apply("shop", """
            {
              "addresses": ["192.0.2.1", "2001:db8::1"], "port": 80, "weight": 25,
              "stable": ["198.51.100.1", "198.51.100.2", "2001:db8:1::1"], "canary": ["198.51.100.3", "2001:DB8:1::3"]
            }
            """);
        await lab.StatusAsync("shop", RolloutPhase.Progressing, "2 canary backends get 25 % of new connections");
        Assert.That(lab.Backends("shop"), Is.EqualTo("198.51.100.1*3 198.51.100.2*3 198.51.100.3*2 2001:db8:1::1*3 2001:db8:1::3*1"));
        var item = lab.Find("shop")!;
        Assert.That(item["metadata"]!["finalizers"]!.ToJsonString(), Is.EqualTo("""["demo.datapath.io/drain"]"""));
        var condition = item["status"]!["conditions"]!.AsArray().Single()!;
        Assert.That(((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"]), Is.EqualTo(("Ready", "True", "Progressing")));
        lab.Apply("shop", """{ "weight": 100 }""");
        await lab.StatusAsync("shop", RolloutPhase.Promoted);
        Assert.That((string?)lab.Find("shop")!["status"]!["conditions"]![0]!["lastTransitionTime"], Is.EqualTo((string?)condition["lastTransitionTime"]), "it was ready all the time");
        await lab.BackendsAsync("shop", "198.51.100.1*100(Maintenance) 198.51.100.2*100(Maintenance) 198.51.100.3*1 2001:db8:1::1*100(Maintenance) 2001:db8:1::3*1");
    }

    [TestCase("""{ "weight": 101 }""", "spec.weight: 101 must be 0 to 100 (percent)")]
    [TestCase("""{ "canary": [] }""", "spec.weight: 20 must be 0 without spec.canary")]
    [TestCase("""{ "stable": [] }""", "spec.weight: 20 must be 100 without spec.stable")]
    [TestCase("""{ "stable": ["web"] }""", "spec.stable[0]: 'web' is no IP address")]
    [TestCase("""{ "canary": ["198.51.100.1"] }""", "spec.stable, spec.canary: '198.51.100.1' must be there once")]
    [TestCase("""{ "addresses": [] }""", "spec.addresses: [] must have an address")]
    [TestCase("""{ "port": 0, "drainSeconds": -1 }""", "spec.port: 0 must be 1 to 65535; spec.drainSeconds: -1 must be 0 to 3600")]
    [TestCase("""{ "weight": "lots" }""", "spec.weight: \"lots\" cannot be read")]
    [TestCase("""{ "addresses": ["127.0.0.1"] }""", "127.0.0.1")]
    public async Task What_is_wrong_is_refused_and_what_was_in_force_stays_so(string change, string reason)
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        var before = lab.Backends("shop");
        lab.Apply("shop", change);
        await lab.StatusAsync("shop", RolloutPhase.Refused, reason);
        Assert.That(lab.Message("shop"), Does.EndWith("what was in force before stays so"));
        Assert.That(lab.Backends("shop"), Is.EqualTo(before));
        Assert.That((string?)lab.Find("shop")!["status"]!["conditions"]![0]!["status"], Is.EqualTo("False"));
        var writes = lab.Server.CountOf("patch rollouts/shop/status");
        lab.Apply("other", """{ "addresses": ["192.0.2.2"], "port": 80, "stable": ["198.51.100.1"] }""");
        await lab.StatusAsync("other", RolloutPhase.Stable);
        Assert.That(lab.Server.CountOf("patch rollouts/shop/status"), Is.EqualTo(writes), "it is told once");
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
    }

    [Test]
    public async Task An_address_that_another_rollout_has_is_refused_until_it_is_free()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        lab.Apply("squatter", """{ "addresses": ["192.0.2.1"], "port": 80, "stable": ["198.51.100.9"] }""");
        await lab.StatusAsync("squatter", RolloutPhase.Refused, "192.0.2.1");
        Assert.That(lab.Backends("squatter"), Is.EqualTo("none"));
        lab.Delete("shop");
        await lab.StatusAsync("squatter", RolloutPhase.Stable);
        Assert.That((lab.Find("shop"), lab.Backends("shop"), lab.Backends("squatter")), Is.EqualTo(((JsonObject?)null, "none", "198.51.100.9*100")));
    }

    [Test]
    public async Task A_backend_that_leaves_is_drained_and_may_come_back()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        lab.Connect("shop", ("198.51.100.1", 1), ("198.51.100.2", 1));
        lab.Apply("shop", """{ "stable": ["198.51.100.2"], "canary": [], "weight": 0 }""");
        await lab.StatusAsync("shop", RolloutPhase.Draining, "198.51.100.1: no new connections");
        Assert.That(lab.Backends("shop"), Is.EqualTo("198.51.100.1*4(Terminating) 198.51.100.2*100"));
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        await lab.BackendsAsync("shop", "198.51.100.1*4 198.51.100.2*1");
        lab.Apply("shop", """{ "stable": ["198.51.100.2"], "canary": [], "weight": 0 }""");
        await lab.StatusAsync("shop", RolloutPhase.Draining);
        lab.Connect("shop", ("198.51.100.2", 1));
        await lab.StatusAsync("shop", RolloutPhase.Stable);
        Assert.That(lab.Backends("shop"), Is.EqualTo("198.51.100.2*100"));
        Assert.That(lab.Find("shop")!["status"]!["draining"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Deleted_while_a_backend_drains_it_waits_for_all_its_connections()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        lab.Connect("shop", ("198.51.100.1", 1), ("198.51.100.2", 2));
        lab.Apply("shop", """{ "stable": ["198.51.100.2"], "canary": [], "weight": 0 }""");
        await lab.StatusAsync("shop", RolloutPhase.Draining);
        lab.Delete("shop");
        await lab.StatusAsync("shop", RolloutPhase.Draining, "deleted; 198.51.100.1, 198.51.100.2");
        Assert.That(lab.Backends("shop"), Is.EqualTo("198.51.100.1*100(Maintenance) 198.51.100.2*100(Maintenance)"), "no new connections");
        lab.Connect("shop", ("198.51.100.2", 2));
        await lab.StatusAsync("shop", RolloutPhase.Draining, "deleted; 198.51.100.2: no new connections");
        lab.Connect("shop");
        await Deadline.UntilAsync(() => lab.Find("shop") is null, "it is gone");
        Assert.That(lab.Backends("shop"), Is.EqualTo("none"));
    }

    [Test]
    public async Task When_the_time_to_drain_is_over_connections_are_cut_off_and_that_is_told()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        lab.Apply("shop", """{ "drainSeconds": 0 }""");
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        lab.Connect("shop", ("198.51.100.1", 3));
        lab.Delete("shop");
        await Deadline.UntilAsync(() => lab.Find("shop") is null, "it is gone");
        Assert.That(lab.Told, Has.Some.EqualTo("default/shop: 198.51.100.1 is out, 3 connections were cut off"));
    }

    [TestCase(409, "Conflict")]
    [TestCase(500, "InternalError")]
    public async Task A_write_that_fails_is_tried_again(int status, string reason)
    {
        await using var lab = await OperatorLab.StartAsync();
        var fault = lab.Server.Add(new("patch", "rollouts") { Status = status, Reason = reason, Times = 3 });
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        Assert.That(fault.Strikes, Is.EqualTo(3));
        Assert.That(lab.Told.Count(static line => line.EndsWith("; tried again", StringComparison.Ordinal)), Is.EqualTo(status == 409 ? 0 : 3));
    }

    [Test]
    public async Task What_somebody_else_writes_is_put_right()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        var item = lab.Find("shop")!;
        _ = item["metadata"]!.AsObject().Remove("finalizers");
        item["status"]!["phase"] = "Stable";
        _ = lab.Server.Store.Put(OperatorLab.Resource, item);
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        Assert.That(lab.Find("shop")!["metadata"]!["finalizers"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_restart_begins_with_all_that_there_is_and_goes_on_with_what_drains()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        lab.Apply("gone", """{ "addresses": ["192.0.2.2"], "port": 80, "stable": ["198.51.100.7"] }""");
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        await lab.StatusAsync("gone", RolloutPhase.Stable);
        lab.Connect("shop", ("198.51.100.1", 1));
        lab.Apply("shop", """{ "stable": ["198.51.100.2"], "canary": [], "weight": 0 }""");
        await lab.StatusAsync("shop", RolloutPhase.Draining);
        await lab.StopAsync();
        lab.Delete("gone");
        var engine = new FakeDatapath { Connections = lab.Datapath.Connections };
        lab.Start(engine);
        await Deadline.UntilAsync(() => lab.Find("gone") is null, "it is gone");
        Assert.That(engine.Calls[0], Is.EqualTo("replace gone,shop"), "nothing is missing for a moment");
        Assert.That(lab.Backends("shop"), Does.Contain("198.51.100.1*100(Terminating)"));
        lab.Connect("shop");
        await lab.StatusAsync("shop", RolloutPhase.Stable);
        Assert.That(lab.Backends("shop"), Is.EqualTo("198.51.100.2*100"));
    }

    [Test]
    public async Task What_was_in_force_before_a_refusal_stays_so_over_a_restart()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        lab.Apply("shop", """{ "weight": 101 }""");
        await lab.StatusAsync("shop", RolloutPhase.Refused);
        await lab.StopAsync();
        var writes = lab.Server.CountOf("patch ");
        lab.Start();
        lab.Apply("other", """{ "addresses": ["192.0.2.2"], "port": 80, "stable": ["198.51.100.7"] }""");
        await lab.StatusAsync("other", RolloutPhase.Stable);
        Assert.That((lab.Datapath.Calls[0], lab.Backends("shop")), Is.EqualTo(("replace shop", "198.51.100.1*4 198.51.100.2*1")).Or.EqualTo(("replace other,shop", "198.51.100.1*4 198.51.100.2*1")));
        Assert.That(lab.Server.CountOf("patch "), Is.EqualTo(writes + 2), "of the other");
        lab.Apply("shop", """{ "weight": 50 }""");
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        Assert.That(lab.Find("shop")!["status"]!["applied"], Is.Null);
    }

    [Test]
    public async Task Another_client_waits_for_it_and_for_its_end()
    {
        await using var lab = await OperatorLab.StartAsync();
        using var kubectl = new Kubectl(lab.Server);
        _ = await kubectl.RunAsync($"apply --validate=false -f {Path.Combine(Deploy.Manifests.Root, "samples", "Operator", "deploy", "example.yaml")}");
        _ = await kubectl.RunAsync("wait --for=condition=Ready rollout/shop --timeout=20s");
        Assert.That(await kubectl.RunAsync("get rollout shop -o jsonpath={.status.phase}"), Is.EqualTo("Progressing"));
        _ = await kubectl.RunAsync("delete rollout shop --timeout=20s");
        Assert.That((lab.Find("shop"), lab.Backends("shop")), Is.EqualTo(((JsonObject?)null, "none")));
    }

    [Test]
    public async Task Without_its_server_it_waits_and_touches_nothing()
    {
        await using var lab = await OperatorLab.StartAsync();
        lab.ApplyShop();
        await lab.StatusAsync("shop", RolloutPhase.Progressing);
        await lab.StopAsync();
        await lab.Server.PauseAsync();
        lab.Start();
        await lab.Server.ResumeAsync();
        await lab.BackendsAsync("shop", "198.51.100.1*4 198.51.100.2*1");
        Assert.That(lab.Datapath.Calls[0], Is.EqualTo("replace shop"));
    }
}
