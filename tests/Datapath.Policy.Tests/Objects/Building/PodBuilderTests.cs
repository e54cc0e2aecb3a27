namespace Datapath.Policy.Tests.Objects.Building;

internal sealed class PodBuilderTests
{
    private static PodBuilder Web => new PodBuilder("shop", "web-0").OnNode("node-a").Address("10.0.0.1").Address("fd00::1").Port(8080, name: "http", hostPort: 8081);

    [Test]
    public void A_pod_is_what_was_said_of_it()
    {
        var pod = Web.Label("app", "web").Label("app", "shop").Build();
        Assert.Multiple(() =>
        {
            Assert.That(pod.Key.ToString(), Is.EqualTo("Pod shop/web-0"));
            Assert.That(pod.Metadata.Labels["app"], Is.EqualTo("shop"));
            Assert.That(pod.Spec.NodeName, Is.EqualTo("node-a"));
            Assert.That(pod.Addresses, Is.EqualTo(new[] { "10.0.0.1", "fd00::1" }));
            Assert.That(pod.Spec.Containers.Single().Ports, Is.EqualTo(new[] { new ContainerPort { Port = 8080, Name = "http", HostPort = 8081 } }));
            Assert.That((pod.IsReady, pod.IsTerminating, pod.Status.Phase), Is.EqualTo((true, false, PodPhase.Running)));
            Assert.That(Web.Ready(false).Build().IsReady, Is.False);
        });
    }

    [Test]
    public void The_datapath_is_told_what_was_said_of_it()
    {
        var agent = new PodBuilder("shop", "agent").OnNode("node-a").Uid("7").HostNetwork().Exempt().Build();
        var expected = new LocalPod(new("shop", "agent")) { Uid = "7", IsHostNetwork = true, IsExempt = true };
        Assert.That(Make.Compiler(agent).State.Pods.Values, Is.EqualTo(new[] { expected }));
        var web = Make.Compiler(Web.Build()).State.Pods.Values.Single();
        Assert.That((web.Uid, web.IsHostNetwork, web.IsExempt, string.Join(' ', web.Addresses)), Is.EqualTo(("", false, false, "10.0.0.1 fd00::1")));
    }

    [Test]
    public void It_may_have_its_dials_translated_where_those_of_its_namespace_are_left_alone()
    {
        var shop = new Namespace { Metadata = Make.Labelled("shop", Pod.SocketLbAnnotation, "disabled") };
        Assert.That(Make.Compiler(Web.Build(), shop).State.Pods.Values.Single().IsExempt);
        Assert.That(Make.Compiler(Web.Exempt(false).Build(), shop).State.Pods.Values.Single().IsExempt, Is.False);
    }

    [Test]
    public void Its_host_port_is_served()
    {
        var pod = Web.Build();
        Assert.That(Make.Compiler(pod).Status(pod).ToString(), Is.EqualTo("Pod shop/web-0: Active: 2 host port frontends"));
    }

    [Test]
    public void Wrong_values_are_refused_with_field_value_and_reason()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Rejection(Web.Port(0)), Is.EqualTo("spec.containers[0].ports[1].containerPort: '0' must be 1 to 65535"));
            Assert.That(Rejection(Web.Port(80, hostPort: -1)), Is.EqualTo("spec.containers[0].ports[1].hostPort: '-1' must be 0 (none) to 65535"));
            Assert.That(Rejection(Web.Port(80, name: "Http")), Does.StartWith("spec.containers[0].ports[1].name: 'Http' "));
            Assert.That(Rejection(Web.Address("10.0.0")), Is.EqualTo("status.podIPs[2].ip: '10.0.0' must be an IP address"));
            Assert.That(Rejection(Web.OnNode("Node A")), Does.StartWith("spec.nodeName: 'Node A' "));
            Assert.That(Rejection(new PodBuilder("Shop", "web-0")), Does.StartWith("metadata.namespace: 'Shop' "));
        });
    }

    private static string Rejection(PodBuilder builder)
    {
        var pod = builder.Build();
        var status = Make.Compiler(pod).Status(pod);
        Assert.That(status.Condition, Is.EqualTo(ObjectCondition.Rejected));
        return status.Message;
    }
}
