namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>A policy for a wider range is one of the policies for everything inside it.</summary>
internal sealed class NestedRangeRulesTests
{
    private static readonly Pod s_proxy = new PodBuilder("default", "proxy").Label("app", "proxy").OnNode("node-a").Address("10.1.0.9").Build();
    private static readonly Pod s_client = new PodBuilder("default", "client").Label("app", "x").OnNode("node-a").Address("10.1.0.8").Build();

    [Test]
    public void A_namespaced_policy_for_an_address_does_not_get_past_a_range_of_higher_priority()
    {
        var compiler = Make.Compiler(s_proxy, Namespaced("20.1.2.3"), Range("wide", "20.0.0.0/8", priority: 1000));
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.Host), Is.EqualTo("/wide:local-redirect"));
        Assert.That(compiler.Status(Namespaced("20.1.2.3")).Condition, Is.EqualTo(ObjectCondition.Conflict));
        Assert.That(compiler.Status(Namespaced("20.1.2.3")).Message, Does.Contain("wide"));
    }

    [Test]
    public void A_namespaced_policy_for_an_address_comes_before_a_range_of_lower_priority()
    {
        var compiler = Make.Compiler(s_proxy, Namespaced("20.1.2.3"), Range("wide", "20.0.0.0/8", priority: -1));
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.Host), Is.EqualTo("default/narrow:local-redirect"));
        Assert.That(Winner(compiler, "20.1.2.4:80/TCP", DialClient.Host), Is.EqualTo("/wide:local-redirect"));
    }

    [Test]
    public void Clients_that_a_special_policy_does_not_mean_get_the_wider_one([Values("20.1.2.3", "20.1.0.0/16")] string special)
    {
        var limited = Range("special", special, priority: 0) with { ClientSelector = new() { Include = [new() { Pods = Selector("app=x") }] } };
        var compiler = Make.Compiler(s_proxy, s_client, limited, Range("wide", "20.0.0.0/8", priority: -5) with { OnNoBackend = NoBackendAction.Drop });
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.OfPod(new("default", "client"))), Is.EqualTo("/special:local-redirect"));
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.Host), Is.EqualTo("/wide:local-redirect"));
    }

    [TestCase("127.0.0.1", DialOutcome.Direct)]
    [TestCase("0.0.0.0", DialOutcome.Direct)]
    [TestCase("127.9.0.1", DialOutcome.Backend)]
    [TestCase("128.0.0.1", DialOutcome.Backend)]
    public void A_range_around_loopback_leaves_it_alone_and_one_inside_means_it(string address, DialOutcome expected)
    {
        var compiler = Make.Compiler(s_proxy, Range("all", "0.0.0.0/0", priority: 0), Range("inside", "127.9.0.0/16", priority: 0));
        Assert.That(compiler.Explain(DialClient.Host, L4Address.Parse($"{address}:80/TCP")).Outcome, Is.EqualTo(expected));
    }

    [Test]
    public void A_range_that_comes_and_goes_changes_what_lies_in_it()
    {
        var wide = Range("wide", "20.0.0.0/8", priority: 1000);
        var compiler = Make.Compiler(s_proxy, Namespaced("20.1.2.3"));
        compiler.Apply(ObjectBatch.Upsert(wide));
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.Host), Is.EqualTo("/wide:local-redirect"));
        compiler.Apply(ObjectBatch.Delete(wide.Key));
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.Host), Is.EqualTo("default/narrow:local-redirect"));
    }

    [Test]
    public void A_pod_elsewhere_is_explained_by_its_labels()
    {
        var remote = new PodBuilder("default", "far").Label("app", "x").OnNode("node-b").Address("10.1.0.7").Build();
        var limited = Range("special", "20.1.2.3", priority: 0) with { ClientSelector = new() { Include = [new() { Pods = Selector("app=x") }] } };
        var compiler = Make.Compiler(s_proxy, remote, limited);
        Assert.That(Winner(compiler, "20.1.2.3:80/TCP", DialClient.OfPod(new("default", "far"))), Is.EqualTo("/special:local-redirect"));
    }

    private static CiliumLocalRedirectPolicy Namespaced(string address) => new()
    {
        Metadata = new() { Name = "narrow" },
        Frontend = new() { AddressMatcher = new() { IP = address, ToPorts = [new() { Port = 80 }] } },
        Backend = new() { LocalEndpointSelector = Selector("app=proxy"), ToPorts = [new() { Port = 8080 }] },
    };

    private static ClusterLocalRedirectPolicy Range(string name, string address, int priority) =>
        new RedirectBuilder(name, "default", "app=proxy").Address(address, 80).With(policy => policy with { Priority = priority }).Build();

    private static LabelSelector Selector(string text) => LabelSelector.TryParse(text, out var selector) ? selector : throw new FormatException(text);

    /// <summary>The policy that a dial is redirected by, as the explanation says; empty if it is not.</summary>
    private static string Winner(PolicyCompiler compiler, string address, DialClient client)
    {
        var explanation = compiler.Explain(client, L4Address.Parse(address));
        var step = explanation.Steps.LastOrDefault(step => step is { Topic: ExplanationTopic.Redirect, Applies: true });
        var name = step?.Subject.Split(' ')[^1] ?? "";
        return name.Length == 0 ? "" : (name.Contains('/', StringComparison.Ordinal) ? name : "/" + name) + ":local-redirect";
    }
}
