using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>What the datapath is told of the pods of its node.</summary>
internal sealed class LocalPodRulesTests
{
    [Test]
    public void A_pod_of_the_node_has_its_UID_and_its_addresses_in_order()
    {
        var pod = Outcome.Of(Given.Node, Given.Pod()).Pods.Single();
        Assert.That(pod, Is.EqualTo(new LocalPod(new("default", "cache")) { Uid = "7", Addresses = [IPAddress.Parse("10.1.0.7"), IPAddress.Parse("fd01::7")] }));
    }

    [Test]
    public void The_addresses_are_of_both_families_whatever_the_node_serves()
    {
        var node = Given.Node with { EnableIPv4 = false };
        Assert.That(Outcome.Of(node, Given.Pod()).Pods.Single().Addresses, Has.Length.EqualTo(2));
    }

    [Test]
    public void An_address_that_is_written_in_two_ways_counts_once()
    {
        var pod = Given.Pod();
        var addresses = Outcome.Of(Given.Node, pod with { Status = pod.Status with { PodIPs = ["fd01::7", "fd01:0::7"] } }).Pods.Single().Addresses;
        Assert.That(addresses, Is.EqualTo(new[] { IPAddress.Parse("fd01::7") }));
    }

    [Test]
    public void A_pod_without_UID_and_addresses_is_told_as_such()
    {
        var pod = new Pod { Metadata = new() { Name = "new" }, Spec = new() { NodeName = "node-a" } };
        Assert.That(Outcome.Of(Given.Node, pod).Pods.Single(), Is.EqualTo(new LocalPod(new("default", "new"))));
    }

    [TestCase(PodPhase.Pending, true)]
    [TestCase(PodPhase.Running, true)]
    [TestCase(PodPhase.Unknown, true)]
    [TestCase(PodPhase.Succeeded, false)]
    [TestCase(PodPhase.Failed, false)]
    public void Pods_that_have_ended_are_gone(PodPhase phase, bool isTold)
    {
        var pod = Given.Pod();
        Assert.That(Outcome.Of(Given.Node, pod with { Status = pod.Status with { Phase = phase } }).Pods.Any(), Is.EqualTo(isTold));
    }

    [Test]
    public void A_pod_on_its_way_out_still_dials()
    {
        var pod = Given.Pod().With(static meta => meta with { DeletionTimestamp = DateTimeOffset.UnixEpoch });
        Assert.That(Outcome.Of(Given.Node, pod).Pods.Count(), Is.EqualTo(1));
    }

    [TestCase("node-b")]
    [TestCase(null)]
    public void Pods_of_other_nodes_and_of_none_are_not_told(string? node)
    {
        var pod = Given.Pod();
        Assert.That(Outcome.Of(Given.Node, pod with { Spec = pod.Spec with { NodeName = node } }).Pods, Is.Empty);
    }

    [Test]
    public void A_pod_on_the_network_of_its_node_says_so()
    {
        var pod = Given.Pod();
        Assert.That(Outcome.Of(Given.Node, pod with { Spec = pod.Spec with { HostNetwork = true } }).Pods.Single().IsHostNetwork);
    }

    [Test]
    public void A_pod_that_is_refused_is_not_told()
    {
        var pod = Given.Pod();
        Assert.That(Outcome.Of(Given.Node, pod with { Status = pod.Status with { PodIPs = ["10.1.0.300"] } }).Pods, Is.Empty);
    }

    [TestCase(null, null, null, false)]
    [TestCase("disabled", null, null, true)]
    [TestCase("enabled", null, null, false)]
    [TestCase("Disabled", null, null, false)]
    [TestCase(null, "disabled", null, true)]
    [TestCase(null, null, "disabled", true)]
    [TestCase(null, "enabled", "disabled", false)]
    [TestCase(null, "disabled", "enabled", true)]
    [TestCase("enabled", "disabled", "disabled", false)]
    [TestCase("disabled", "enabled", "enabled", true)]
    [TestCase("off", "disabled", "disabled", false)]
    [TestCase(null, "off", "disabled", false)]
    public void Whether_its_dials_are_left_alone_says_the_pod_then_its_namespace(string? pod, string? annotation, string? label, bool isExempt)
    {
        var space = new Namespace
        {
            Metadata = new() { Name = "default", Annotations = SocketLb(annotation), Labels = SocketLb(label) },
        };
        var outcome = Outcome.Of(Given.Node, Given.Pod().With(meta => meta with { Annotations = SocketLb(pod) }), space);
        Assert.That(outcome.Pods.Single().IsExempt, Is.EqualTo(isExempt));
    }

    private static ImmutableDictionary<string, string> SocketLb(string? value) => value is null
        ? ImmutableDictionary<string, string>.Empty
        : ImmutableDictionary<string, string>.Empty.Add("datapath.io/socket-lb", value);
}
