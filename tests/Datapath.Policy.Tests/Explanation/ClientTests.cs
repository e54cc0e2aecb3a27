namespace Datapath.Policy.Tests.Explanations;

internal sealed class ClientTests
{
    [TestCase("host", "+ host: a process of the host itself")]
    [TestCase("shop/client", "+ pod shop/client: runs on this node")]
    [TestCase("shop/agent", "+ pod shop/agent: runs on this node, on its network: a process of the host")]
    [TestCase("shop/far", "- pod shop/far: runs on node 'node-b': this is what node 'node-a' would do")]
    [TestCase("shop/pending", "- pod shop/pending: is bound to no node yet: this is what node 'node-a' would do")]
    [TestCase("shop/nobody", "- pod shop/nobody: is not known: it is taken for a pod that no policy lists")]
    public void The_client_comes_first(string from, string expected)
    {
        var agent = new PodBuilder("shop", "agent").OnNode("node-a").Address("192.0.2.1").Build();
        var compiler = Explained.Compile(
            agent with { Spec = agent.Spec with { HostNetwork = true } }, new PodBuilder("shop", "far").OnNode("node-b").Build(),
            new PodBuilder("shop", "pending").Build());
        var explanation = compiler.Explain("10.96.0.1:80", from);
        Assert.That(explanation.Steps[0].Topic, Is.EqualTo(ExplanationTopic.Client));
        Assert.That(explanation.Steps(ExplanationTopic.Client), Is.EqualTo(new[] { expected }));
        Assert.That((explanation.Client.ToString(), explanation.Destination), Is.EqualTo((from, L4Address.Parse("10.96.0.1:80"))));
    }

    [Test]
    public void The_dials_of_a_pod_that_wants_it_are_left_alone()
    {
        var service = new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80).Backend("10.0.1.1").Build();
        var compiler = Explained.Compile([.. service, new PodBuilder("shop", "exempt").OnNode("node-a").Address("10.0.1.8").Exempt().Build()]);
        var explanation = compiler.Explain("10.96.0.1:80", "shop/exempt");
        Assert.That(
            explanation.Steps(ExplanationTopic.Client),
            Is.EqualTo(new[] { "+ pod shop/exempt: runs on this node", "+ datapath.io/socket-lb: is disabled, by the pod or by its namespace" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.96.0.1:80/TCP itself: the dials of the pod are left alone"));
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
        Assert.That(compiler.Explain("10.96.0.1:80").Outcome, Is.EqualTo(DialOutcome.Backend));
    }

    [TestCase("host", true)]
    [TestCase("a/b", true)]
    [TestCase("", false)]
    [TestCase("a", false)]
    [TestCase("/b", false)]
    [TestCase("a/", false)]
    [TestCase("a/b/c", false)]
    public void A_client_is_read_from_its_text(string text, bool isClient)
    {
        Assert.That(DialClient.TryParse(text, out var client), Is.EqualTo(isClient));
        Assert.That(client.ToString(), Is.EqualTo(isClient ? text : "host"));
    }
}
