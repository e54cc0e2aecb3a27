using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>Which addresses packets are translated to.</summary>
internal sealed class AddressChoiceTests
{
    private static readonly MasqueradePool s_blue = new()
    {
        Name = "blue",
        NamespaceSelector = new(ImmutableDictionary<string, string>.Empty.Add(Namespace.NameLabel, "shop")),
        Addresses = [IPAddress.Parse("192.0.2.10")],
    };

    private static readonly MasqueradePool s_web = new() { Name = "web", PodSelector = Make("app", "web"), Addresses = [IPAddress.Parse("192.0.2.11"), IPAddress.Parse("2001:db8:2::11")] };

    [TestCase(MasqueradeAddressSource.Device)]
    [TestCase(MasqueradeAddressSource.Route)]
    public void Without_a_pool_the_choice_is_that_of_the_configuration(MasqueradeAddressSource source)
    {
        var state = MasqueradeCompiler.Compile(Site.With(c => c with { AddressSource = source })).State!;
        Assert.That(state.AddressChoices, Is.EqualTo(new[] { new MasqueradeAddressChoice("", source) }));
        Assert.That(state.Decide(Site.Packet(Site.Web, Site.Outside)).Verdict.AddressChoice, Is.Zero);
    }

    [Test]
    public void Fixed_addresses_are_for_their_family_and_the_device_for_the_other()
    {
        var state = MasqueradeCompiler.Compile(Site.With(static c => c with { AddressSource = MasqueradeAddressSource.Fixed, Addresses = [IPAddress.Parse("192.0.2.1")] })).State!;
        Assert.That(state.AddressChoices.Single().SourceOf(AddressFamily.InterNetwork), Is.EqualTo(MasqueradeAddressSource.Fixed));
        Assert.That(state.AddressChoices.Single().SourceOf(AddressFamily.InterNetworkV6), Is.EqualTo(MasqueradeAddressSource.Device));
    }

    [Test]
    public void A_pod_has_the_first_pool_that_selects_it_at_all_its_addresses()
    {
        var inputs = Site.With(static c => c with { Pools = [s_web, s_blue] }) with
        {
            Pods = [Site.Pod.Build(), new PodBuilder("shop", "labelled").Label("app", "web").OnNode("node-a").Address("10.244.1.8").Build(), new PodBuilder("other", "pod").OnNode("node-a").Address("10.244.1.9").Build()],
        };
        Assert.That(inputs.Verdict(Site.Web, Site.Outside), Is.EqualTo("Translate 2 (Source)"));
        Assert.That(inputs.Verdict(Site.Web6, Site.Outside6), Is.EqualTo("Translate 2 (Source)"));
        Assert.That(inputs.Verdict("10.244.1.8", Site.Outside), Is.EqualTo("Translate 1 (Source)"), "web comes before blue");
        Assert.That(inputs.Verdict("10.244.1.9", Site.Outside), Is.EqualTo("Translate 0 (Source)"), "of another namespace");
        Assert.That(inputs.Verdict("10.244.1.99", Site.Outside), Is.EqualTo("Translate 0 (Source)"), "no known pod");
        Assert.That(MasqueradeCompiler.Compile(inputs).State!.AddressChoices.Select(static choice => choice.Name), Is.EqualTo(new[] { "", "web", "blue" }));
        Assert.That(inputs.Remarks(), Is.EqualTo(new[] { "Pod shop/labelled: gets its address from pool 'web'", "Pod shop/web: gets its address from pool 'blue'" }));
    }

    [Test]
    public void A_pod_that_keeps_its_address_has_no_pool()
    {
        var inputs = Site.With(static c => c with { Pools = [s_blue] }) with { Pods = [Site.WebPod().KeepAddress().Build()] };
        Assert.That(MasqueradeCompiler.Compile(inputs).State!.Sources.Classes.Select(static c => c.AddressChoice), Has.All.Zero);
    }

    [Test]
    public void Of_pods_with_one_address_the_one_that_stays_has_it_then_the_newer_one_then_the_first_by_name()
    {
        var (old, young) = (Named("old", 1), Named("young", 2));
        var leaving = Named("leaving", 9).With(static meta => meta with { DeletionTimestamp = DateTimeOffset.UnixEpoch });
        Assert.That(Winner(old, young, leaving), Is.EqualTo("young"));
        Assert.That(Winner(leaving, old), Is.EqualTo("old"));
        Assert.That(Winner(Named("b", 1), Named("a", 1)), Is.EqualTo("a"));
        Assert.That(
            (Site.Inputs with { Pods = [young, old, leaving] }).Remarks(),
            Is.EqualTo(new[]
            {
                "Pod shop/leaving: does not count at 10.244.1.7: Pod shop/young has the address too, and comes first",
                "Pod shop/old: does not count at 10.244.1.7: Pod shop/young has the address too, and comes first",
            }));
    }

    [Test]
    public void More_classes_than_numbers_are_refused()
    {
        MasqueradePool[] pools = [.. Enumerable.Range(0, 255).Select(static i => s_blue with { Name = $"pool-{i}", PodSelector = Make("pool", $"{i}") })];
        Pod[] pods = [.. Enumerable.Range(0, 255).Select(static i => new PodBuilder("shop", $"pod-{i}").OnNode("node-a").Label("pool", $"{i}").Address($"10.244.1.{i}").Build())];
        var compilation = MasqueradeCompiler.Compile(Site.With(c => c with { Pools = [.. pools] }) with { Pods = pods });
        Assert.That(compilation.State, Is.Null);
        Assert.That(
            compilation.Diagnostics.Single().ToString(),
            Is.EqualTo("Pools: make 258 classes of sources, more than 256: use fewer pools, or fewer overlapping Sources"));
        Assert.That(MasqueradeCompiler.Compile(Site.With(c => c with { Pools = [.. pools] }) with { Pods = pods[..253] }).State!.Sources.Classes, Has.Length.EqualTo(256));
    }

    private static LabelSelector Make(string label, string value) => new(ImmutableDictionary<string, string>.Empty.Add(label, value));

    private static Pod Named(string name, int day) => new PodBuilder("shop", name).OnNode("node-a").Address(Site.Web).Build()
        .With(meta => meta with { CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(day) });

    private static string Winner(params ReadOnlySpan<Pod> pods)
    {
        MasqueradePool[] pools = [.. pods.ToArray().Select(static pod => s_blue with { Name = pod.Metadata.Name, PodSelector = Make("pod", pod.Metadata.Name) })];
        Pod[] labelled = [.. pods.ToArray().Select(static pod => pod.With(static meta => meta with { Labels = meta.Labels.Add("pod", meta.Name) }))];
        var state = MasqueradeCompiler.Compile(Site.With(c => c with { Pools = [.. pools] }) with { Pods = labelled }).State!;
        return state.AddressChoices[state.Decide(Site.Packet(Site.Web, Site.Outside)).Verdict.AddressChoice].Name;
    }
}
