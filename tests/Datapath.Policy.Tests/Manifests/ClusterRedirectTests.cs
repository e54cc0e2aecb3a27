namespace Datapath.Policy.Tests.Manifests;

internal sealed class ClusterRedirectTests
{
    private const string First = "spec.frontends[0]";

    [Test]
    public void Every_field_is_read()
    {
        var content = Manifest.Read(Manifest.ClusterPolicy);
        Assert.That(content.Diagnostics, Is.Empty);
        var policy = (ClusterLocalRedirectPolicy)content.Objects.Single();
        Assert.That(policy.Key.ToString(), Is.EqualTo("ClusterLocalRedirectPolicy metadata-proxy"));
        Assert.That(policy, Is.EqualTo(new ClusterLocalRedirectPolicy
        {
            Metadata = new() { Name = "metadata-proxy", Namespace = "" },
            Description = "Instance metadata only through the proxy of the node",
            Priority = 100,
            Frontends =
            [
                new()
                {
                    Addresses = ["169.254.169.254", "169.254.170.0/24", "fd00:ec2::254"],
                    Ports = [new() { Port = 80, BackendPort = "web" }, new() { Port = 8000, EndPort = 8010, BackendPort = "web" }],
                },
                new() { Service = new("kube-system", "kube-dns"), Ports = [new() { Port = 53, Protocol = L4Protocol.Udp }] },
            ],
            Backend = new()
            {
                Namespace = "infra",
                Selector = Selector("app=metadata-proxy"),
                Ports =
                [
                    new() { Name = "web", Port = 8181 }, new() { Name = "admin", Port = 8182 },
                    new() { Name = "dns", Port = 1053, Protocol = L4Protocol.Udp },
                ],
                BackendAddress = "169.254.169.252",
            },
            ClientSelector = new()
            {
                Include = [new() { Namespaces = Selector("tenant=yes") }, new() { Pods = Selector("metadata") }],
                Exclude =
                [
                    new() { HostProcesses = true },
                    new() { Namespaces = Selector("kubernetes.io/metadata.name=kube-system"), Pods = Selector("app=agent") },
                ],
            },
            OnNoBackend = NoBackendAction.Drop,
            SkipRedirectFromBackend = true,
        }));
    }

    [Test]
    public void Little_is_enough()
    {
        var content = Manifest.Read(
            """
            apiVersion: datapath.io/v1alpha1
            kind: ClusterLocalRedirectPolicy
            metadata: {name: dns}
            spec:
              frontends: [{service: {namespace: kube-system, name: kube-dns} }]
              backend: {namespace: kube-system, selector: {matchLabels: {app: cache} } }
            """);
        Assert.That(content.Diagnostics, Is.Empty);
        var policy = (ClusterLocalRedirectPolicy)content.Objects.Single();
        Assert.That(policy.ClientSelector, Is.SameAs(ClientSelector.Everybody));
        Assert.That((policy.OnNoBackend, policy.Priority, policy.SkipRedirectFromBackend), Is.EqualTo((NoBackendAction.Fallback, 0, false)));
    }

    [TestCase("name: metadata-proxy\nspec", "name: metadata-proxy\n  namespace: x\nspec",
        "metadata.namespace: 'x' must be absent: objects of this kind are in no namespace")]
    [TestCase("priority: 100", "priority: 1001", "spec.priority: '1001' must be -1000 to 1000")]
    [TestCase("onNoBackend: drop", "onNoBackend: keep", "spec.onNoBackend: 'keep' must be fallback or drop")]
    [TestCase("[169.254.169.254, 169.254.170.0/24, \"fd00:ec2::254\"]", "[]", First + ": needs addresses or a service")]
    [TestCase("    ports:\n    - {port: 80,", "    service: {namespace: a, name: b}\n    ports:\n    - {port: 80,",
        First + ": must have only one of addresses and service")]
    [TestCase("169.254.170.0/24", "169.254.170.1/24", First + ".addresses[1]: '169.254.170.1/24' has bits beyond its prefix: write 169.254.170.0/24")]
    [TestCase("169.254.170.0/24", "metadata", First + ".addresses[1]: 'metadata' "
        + "must be an IP address or a range in CIDR form, for example 169.254.169.254 or 10.0.0.0/8")]
    [TestCase("169.254.170.0/24", "0.0.0.0", First + ".addresses[1]: '0.0.0.0' must not be the unspecified address")]
    [TestCase("169.254.170.0/24", "224.0.0.0/4", First + ".addresses[1]: '224.0.0.0/4' must not be a multicast address")]
    [TestCase("    - {port: 80, backendPort: Web}\n    - {port: 8000, endPort: 8010, backendPort: web}\n", "",
        First + ".ports: needs at least one port; all of them are port 1, endPort 65535")]
    [TestCase("endPort: 8010", "endPort: 7999", First + ".ports[1].endPort: '7999' must be 8000 (the port that the range starts with) to 65535")]
    [TestCase("port: 8000", "port: 79", First + ".ports[1].port: '79' overlaps with ports[0] of the same protocol")]
    [TestCase("backendPort: Web", "backendPort: x", First + ".ports[0].backendPort: 'x' is not the name of a port in spec.backend.ports")]
    [TestCase("backendPort: Web", "backendPort: dns", First + ".ports[0].backendPort: 'dns' has another protocol")]
    [TestCase(", backendPort: Web", "", First + ".ports[0].backendPort: is required: spec.backend.ports has several ports of this protocol")]
    [TestCase("1053, protocol: UDP", "1053", "spec.frontends[1].ports[0].backendPort: has nothing to stand for: "
        + "spec.backend.ports has no port of this protocol")]
    [TestCase("{name: admin, ", "{", "spec.backend.ports[1].name: is required when there is more than one backend port")]
    [TestCase("name: admin", "name: web", "spec.backend.ports[1].name: 'web' is already the name of another port")]
    [TestCase("namespace: kube-system, name", "name", "spec.frontends[1].service.namespace: is required")]
    [TestCase("matchLabels: {app: metadata-proxy}", "matchLabels: {}",
        "spec.backend.selector: needs at least one label or expression: not every pod of a namespace is meant")]
    [TestCase("169.254.169.252", "127.0.0.1", "spec.backend.backendAddress: '127.0.0.1' "
        + "must not be a loopback address: in each pod that is the pod itself")]
    [TestCase("- hostProcesses: true", "- hostProcesses: false", "spec.clientSelector.exclude[0]: needs namespaces, pods or hostProcesses: true")]
    [TestCase("- hostProcesses: true\n    -", "- hostProcesses: true\n     ",
        "spec.clientSelector.exclude[0]: must have selectors or hostProcesses, not both")]
    [TestCase("operator: Exists", "operator: Gt", "spec.clientSelector.include[1].pods.matchExpressions[0].operator: 'Gt' "
        + "must be In, NotIn, Exists or DoesNotExist")]
    [TestCase("datapath.io/v1alpha1", "datapath.io/v1", "apiVersion: 'datapath.io/v1' is not supported: must be datapath.io/v1alpha1")]
    public void An_invalid_policy_is_refused_with_field_value_and_reason(string part, string replacement, string expected)
    {
        var text = Manifest.ClusterPolicy.Replace(part, replacement);
        Assert.That(text, Is.Not.EqualTo(Manifest.ClusterPolicy));
        var content = Manifest.Read(text);
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
        Assert.That(content.Objects, Is.Empty);
    }

    [Test]
    public void Long_lists_are_refused()
    {
        var many = string.Join(", ", Enumerable.Range(0, 1001).Select(i => $"10.0.{i / 256}.{i % 256}"));
        Assert.That(
            Manifest.Read(Manifest.ClusterPolicy.Replace("169.254.169.254, ", many + ", ")).Problems(),
            Is.EqualTo(new[] { First + ".addresses: has 1003 items, at most 1000 are allowed" }));
    }

    private static LabelSelector Selector(string text) => LabelSelector.TryParse(text, out var selector) ? selector : throw new FormatException(text);
}
