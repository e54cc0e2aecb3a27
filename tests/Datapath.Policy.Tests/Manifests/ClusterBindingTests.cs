namespace Datapath.Policy.Tests.Manifests;

/// <summary>Pods, nodes and namespaces.</summary>
internal sealed class ClusterBindingTests
{
    [Test]
    public void Every_field_of_a_pod_is_read()
    {
        var content = Manifest.Read(Manifest.Pod);
        Assert.That(content.Diagnostics, Is.Empty);
        var pod = (Pod)content.Objects.Single();
        Assert.That(pod.Key.ToString(), Is.EqualTo("Pod infra/proxy-1"));
        Assert.That(pod.Metadata.Uid, Is.EqualTo("0f6e1b1e"));
        Assert.That(pod.Metadata.DeletionTimestamp - pod.Metadata.CreationTimestamp, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(pod.IsTerminating);
        Assert.That(pod.Spec, Is.EqualTo(new PodSpec
        {
            NodeName = "node-a",
            HostNetwork = true,
            Containers =
            [
                new()
                {
                    Name = "proxy",
                    Ports =
                    [
                        new() { Name = "http", Port = 8080, HostPort = 80, HostIP = "192.0.2.1" },
                        new() { Port = 53, Protocol = L4Protocol.Udp },
                    ],
                },
            ],
            InitContainers = [new() { Name = "mesh", IsSidecar = true, Ports = [new() { Port = 15001 }] }, new() { Name = "setup" }],
        }));
        Assert.That(pod.Status.Phase, Is.EqualTo(PodPhase.Running));
        Assert.That(pod.Status.Conditions[0], Is.EqualTo(new PodCondition("Initialized", ConditionStatus.Unknown)));
        Assert.That(pod.Addresses, Is.EqualTo(new[] { "10.0.0.1", "fd00::a" }));
    }

    [TestCase("status: \"True\"", true)]
    [TestCase("status: \"False\"", false)]
    [TestCase("status: Unknown", false)]
    [TestCase("lastProbeTime: null", false)]
    public void A_pod_is_ready_if_its_condition_says_so(string status, bool expected)
    {
        var pod = (Pod)Manifest.Read(Manifest.Pod.Replace("status: \"True\"", status)).Objects.Single();
        Assert.That(pod.IsReady, Is.EqualTo(expected));
    }

    [Test]
    public void A_pod_may_say_next_to_nothing()
    {
        var content = Manifest.Read("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: b, image: c}]}\n");
        Assert.That(content.Diagnostics, Is.Empty);
        var pod = (Pod)content.Objects.Single();
        Assert.That(pod.IsReady, Is.False);
        Assert.That(pod.Addresses, Is.Empty);
        Assert.That(pod.Metadata.Namespace, Is.EqualTo("default"));
        Assert.That(pod.Status, Is.SameAs(PodStatus.Empty));
    }

    [TestCase("podIP: 10.0.0.1", "podIP: x", "status.podIP: 'x' must be an IP address")]
    [TestCase("\"fd00::a\"", "\"::\"", "status.podIPs[1].ip: '::' must not be the unspecified address")]
    [TestCase("containerPort: 8080", "containerPort: 0", "spec.containers[0].ports[0].containerPort: '0' must be 1 to 65535")]
    [TestCase("containerPort: 15001", "name: x", "spec.initContainers[0].ports[0].containerPort: is required")]
    [TestCase("hostPort: 80", "hostPort: 65536", "spec.containers[0].ports[0].hostPort: '65536' must be 0 (none) to 65535")]
    [TestCase("\"fd00::a\"", "\"::ffff:10.0.0.1\"", "status.podIPs[1].ip: '::ffff:10.0.0.1' must not be an IPv4-mapped address: write it as IPv4")]
    [TestCase(
        "hostIP: 192.0.2.1", "hostIP: \"::ffff:127.0.0.1\"",
        "spec.containers[0].ports[0].hostIP: '::ffff:127.0.0.1' must not be an IPv4-mapped address: write it as IPv4")]
    [TestCase("hostIP: 192.0.2.1", "hostIP: all", "spec.containers[0].ports[0].hostIP: 'all' must be an IP address")]
    [TestCase("name: http", "name: HTTP", "spec.containers[0].ports[0].name: 'HTTP' " + NameRules.PortNameRule)]
    [TestCase("nodeName: node-a", "nodeName: node_a", "spec.nodeName: 'node_a' " + NameRules.SubdomainRule)]
    [TestCase("phase: Running", "phase: Up", "status.phase: 'Up' must be Pending, Running, Succeeded, Failed or Unknown")]
    [TestCase("name: proxy-1", "name: Proxy", "metadata.name: 'Proxy' " + NameRules.SubdomainRule)]
    public void A_wrong_value_in_a_pod_is_named(string part, string replacement, string expected) =>
        Assert.That(Manifest.Read(Manifest.Pod.Replace(part, replacement)).Problems(), Is.EqualTo(new[] { expected }));

    [Test]
    public void Every_field_of_a_node_is_read()
    {
        var content = Manifest.Read(Manifest.Node);
        Assert.That(content.Diagnostics, Is.Empty);
        var node = (Node)content.Objects.Single();
        Assert.That(node.Key, Is.EqualTo(new ObjectKey(ObjectKind.Node, "", "node-a")));
        Assert.That(node.Zone, Is.EqualTo("eu-1"));
        Assert.That(node.PodCidrs, Is.EqualTo(new[] { "10.244.1.0/24", "fd00:1::/64" }));
        Assert.That(node.Addresses, Is.EqualTo(new NodeAddress[] { new("InternalIP", "192.0.2.1"), new("Hostname", "node-a") }));
        var one = (Node)Manifest.Read(Manifest.Node.Replace("  podCIDRs: [10.244.1.0/24, \"fd00:1::/64\"]\n", "")).Objects.Single();
        Assert.That(one.PodCidrs, Is.EqualTo(new[] { "10.244.1.0/24" }));
    }

    [TestCase("address: 192.0.2.1", "address: node-a", "status.addresses[0].address: 'node-a' must be an IP address, as type InternalIP says")]
    [TestCase("fd00:1::/64", "fd00:1::", "spec.podCIDRs[1]: 'fd00:1::' must be a range in CIDR form, for example 10.244.1.0/24")]
    public void A_wrong_value_in_a_node_is_named(string part, string replacement, string expected)
    {
        var problems = Manifest.Read(Manifest.Node.Replace(part, replacement)).Diagnostics.Select(diagnostic => diagnostic.ToString());
        Assert.That(problems, Has.Exactly(1).Contains(expected));
    }

    [Test]
    public void Namespaces_are_read_and_are_in_none()
    {
        var content = Manifest.Read("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {team: x} }\nspec: {finalizers: [kubernetes]}\n");
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Single().Key.ToString(), Is.EqualTo("Namespace a"));
        Assert.That(content.Objects.Single().Metadata.Labels["team"], Is.EqualTo("x"));
        Assert.That(
            Manifest.Read("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n").Diagnostics.Single().ToString(),
            Is.EqualTo("test.yaml:3: Namespace b/a: metadata.namespace: 'b' must be absent: objects of this kind are in no namespace"));
    }

    [Test]
    public void Lists_of_every_kind_are_read()
    {
        var text = "apiVersion: v1\nkind: List\nitems:\n";
        foreach (var item in Manifest.OfEveryKind)
            text += "- " + item.TrimEnd('\n').Replace("\n", "\n  ") + "\n";
        var content = Manifest.Read(text);
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Select(item => item.Kind), Is.EquivalentTo(Enum.GetValues<ObjectKind>()));
        Assert.That(Manifest.Read("kind: PodList\nitems: [{metadata: {name: a} }]").Objects.Single().Key.ToString(), Is.EqualTo("Pod default/a"));
        Assert.That(Manifest.Read("kind: PodMetricsList\nitems: [{metadata: {name: a} }]").Objects, Is.Empty);
    }
}
