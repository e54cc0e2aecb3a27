namespace Datapath.Policy.Tests.Manifests;

internal sealed class CiliumRedirectTests
{
    private const string Frontend = "spec.redirectFrontend";
    private const string ToPorts = Frontend + ".addressMatcher.toPorts";
    private const string BackendPorts = "spec.redirectBackend.toPorts";

    private const string Address =
        """
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata: {name: metadata, namespace: infra}
        spec:
          redirectFrontend:
            addressMatcher:
              ip: 169.254.169.254
              toPorts:
              - {port: "80", protocol: TCP}
          redirectBackend:
            localEndpointSelector: {}
            toPorts:
            - {port: "8080", protocol: TCP}

        """;

    [Test]
    public void Every_field_is_read()
    {
        var content = Manifest.Read(Manifest.CiliumPolicy);
        Assert.That(content.Diagnostics, Is.Empty);
        var policy = (CiliumLocalRedirectPolicy)content.Objects.Single();
        Assert.That(LabelSelector.TryParse("k8s-app=node-local-dns,tier in (a,b),!canary", out var selector));
        Assert.That(policy, Is.EqualTo(new CiliumLocalRedirectPolicy
        {
            Metadata = policy.Metadata,
            Description = "Node-local DNS",
            SkipRedirectFromBackend = true,
            Frontend = new()
            {
                ServiceMatcher = new()
                {
                    ServiceName = "kube-dns",
                    Namespace = "kube-system",
                    ToPorts = [new() { Name = "dns", Port = 53, Protocol = L4Protocol.Udp }, new() { Name = "dns-tcp", Port = 53 }],
                },
            },
            Backend = new()
            {
                LocalEndpointSelector = selector!,
                ToPorts = [new() { Name = "dns", Port = 1053, Protocol = L4Protocol.Udp }, new() { Name = "dns-tcp", Port = 1053 }],
            },
        }));
        Assert.That(policy.OnNoBackend, Is.EqualTo(NoBackendAction.Drop));
        Assert.That(((CiliumLocalRedirectPolicy)Manifest.Read(Address).Objects.Single()).OnNoBackend, Is.EqualTo(NoBackendAction.Fallback));
    }

    [TestCase(", namespace: infra", "", "metadata.namespace: is required")]
    [TestCase("name: metadata, ", "", "metadata.name: is required")]
    [TestCase("addressMatcher:", "matcher:", Frontend + ": needs an addressMatcher or a serviceMatcher")]
    [TestCase("    addressMatcher:", "    serviceMatcher: {serviceName: a, namespace: infra}\n    addressMatcher:",
        Frontend + ": must have only one of addressMatcher and serviceMatcher")]
    [TestCase("169.254.169.254", "169.254.169.254/32", Frontend + ".addressMatcher.ip: '169.254.169.254/32' must be an IP address")]
    [TestCase("169.254.169.254", "0.0.0.0", Frontend + ".addressMatcher.ip: '0.0.0.0' must not be the unspecified address")]
    [TestCase("169.254.169.254", "127.0.0.53", Frontend + ".addressMatcher.ip: '127.0.0.53' must not be a loopback address: that is every pod's own, and a policy of one namespace must not take it; a ClusterLocalRedirectPolicy may")]
    [TestCase("      - {port: \"80\", protocol: TCP}\n", "", ToPorts + ": needs at least one port")]
    [TestCase("    - {port: \"8080\", protocol: TCP}\n", "", BackendPorts + ": needs at least one port")]
    [TestCase("\"80\", protocol: TCP", "\"80\", protocol: UDP", ToPorts + "[0].protocol: 'UDP' must be that of " + BackendPorts + "[0], which is TCP")]
    [TestCase("\"80\", protocol: TCP", "\"80\", protocol: SCTP", ToPorts + "[0].protocol: 'SCTP' must be TCP or UDP")]
    [TestCase("\"80\"", "80", ToPorts + "[0].port: '80' must be a string, but is a number (put it in quotes)")]
    [TestCase("\"80\"", "\"0\"", ToPorts + "[0].port: '0' must be a port number, 1 to 65535")]
    [TestCase("\"80\"", "\"080\"", ToPorts + "[0].port: '080' must be a port number, 1 to 65535")]
    [TestCase("\"80\"", "\"65536\"", ToPorts + "[0].port: '65536' must be a port number, 1 to 65535")]
    [TestCase("\"80\"", "http", ToPorts + "[0].port: 'http' must be a port number, 1 to 65535")]
    [TestCase("\"80\", protocol: TCP", "\"80\"", ToPorts + "[0].protocol: is required")]
    [TestCase("port: \"80\"", "name: a--b, port: \"80\"", ToPorts + "[0].name: 'a--b' " + NameRules.PortNameRule)]
    [TestCase("port: \"80\"", "name: \"123\", port: \"80\"", ToPorts + "[0].name: '123' " + NameRules.PortNameRule)]
    [TestCase("port: \"80\"", "name: sixteen-letters1, port: \"80\"", ToPorts + "[0].name: 'sixteen-letters1' " + NameRules.PortNameRule)]
    [TestCase("    - {port: \"8080\", protocol: TCP}\n", "    - {port: \"8080\", protocol: TCP, name: a}\n    - {port: \"8081\", protocol: TCP}\n",
        BackendPorts + "[1].name: is required when there is more than one backend port")]
    [TestCase("{}", "{matchExpressions: [{key: a, operator: In}]}",
        "spec.redirectBackend.localEndpointSelector.matchExpressions[0].values: needs at least one value for operator In")]
    [TestCase("{}", "{matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
        "spec.redirectBackend.localEndpointSelector.matchExpressions[0].values: must be empty for operator Exists")]
    [TestCase("{}", "{matchLabels: {a b: c} }", "spec.redirectBackend.localEndpointSelector.matchLabels[a b]: is no label: a key "
        + NameRules.QualifiedNameRule)]
    [TestCase("localEndpointSelector: {}", "description: x", "spec.redirectBackend.localEndpointSelector: is required")]
    [TestCase("metadata, ", "metadata, annotations: {datapath.io/on-no-backend: keep}, ",
        "metadata.annotations[datapath.io/on-no-backend]: 'keep' must be fallback or drop")]
    [TestCase("cilium.io/v2", "cilium.io/v1", "apiVersion: 'cilium.io/v1' is not supported: must be cilium.io/v2")]
    public void An_invalid_policy_is_refused_with_field_value_and_reason(string part, string replacement, string expected)
    {
        var content = Manifest.Read(Address.Replace(part, replacement));
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
        Assert.That(content.Objects, Is.Empty);
    }

    [Test]
    public void With_several_frontend_ports_all_ports_on_both_sides_need_names()
    {
        var text = Address.Replace("      - {port: \"80\", protocol: TCP}\n", "      - {port: \"80\", protocol: TCP}\n      - {port: \"81\", protocol: TCP, name: b}\n");
        Assert.That(Manifest.Read(text).Problems(), Is.EqualTo(new[]
        {
            ToPorts + "[0].name: is required when there is more than one frontend port",
            BackendPorts + "[0].name: is required when there is more than one frontend port",
        }));
    }

    [Test]
    public void A_service_must_be_in_the_policys_own_namespace() => Assert.That(
        Manifest.Read(Manifest.CiliumPolicy.Replace("      namespace: kube-system", "      namespace: other")).Problems(),
        Is.EqualTo(new[] { Frontend + ".serviceMatcher.namespace: 'other' must be the namespace of the policy, which is 'kube-system'" }));

    [TestCase("", true)]
    [TestCase("169.254.0.0/16", true)]
    [TestCase("10.0.0.0/8 169.254.169.254/32", true)]
    [TestCase("10.0.0.0/8 fd00::/8", false)]
    [TestCase("::/0", false)]
    [TestCase("0.0.0.0/0", true)]
    public void An_address_must_be_in_an_allowed_range_if_there_is_any(string ranges, bool isAllowed)
    {
        var allowed = ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        {
            Assert.That(IPRange.TryParse(text, out var range, out _));
            return range;
        });
        var issues = new IssueList();
        CiliumRedirectValidator.ValidateAllowed((CiliumLocalRedirectPolicy)Manifest.Read(Address).Objects.Single(), [.. allowed], issues);
        Assert.That(issues.HasErrors, Is.EqualTo(!isAllowed));
        if (!isAllowed)
            Assert.That(issues.ErrorText(), Does.StartWith(Frontend + ".addressMatcher.ip: '169.254.169.254' is in none of the ranges"));
    }
}
