namespace Datapath.Policy.Tests.Manifests;

internal sealed class BindingTests
{
    [Test]
    public void All_errors_of_an_object_are_reported_at_once_with_their_lines()
    {
        var content = Manifest.Read(
            """
            # a comment
            apiVersion: v1
            kind: Service
            metadata:
              name: Web_1
              namespace: 7
              creationTimestamp: yesterday
              labels: {a: 1}
            spec:
              type: Cluster
              clusterIP: 10.96.0.1
              clusterIPs: [10.96.0.2, 10.96.0.3]
              internalTrafficPolicy: local
              ipFamilies: [IPv5]
              ports:
              - port: 70000
                protocol: tcp
              - name: x
                port: 80
                nodePort: -1
              - name: x
                port: 80
              - 5
            """);
        Assert.That(content.Objects, Is.Empty);
        Assert.That(content.Diagnostics.Select(diagnostic => diagnostic.ToString()), Is.EquivalentTo(new[]
        {
            "test.yaml:5: Service default/Web_1: metadata.name: 'Web_1' " + NameRules.LabelRule,
            "test.yaml:6: Service default/Web_1: metadata.namespace: '7' must be a string, but is a number (put it in quotes)",
            "test.yaml:7: Service default/Web_1: metadata.creationTimestamp: 'yesterday' must be a time as in RFC 3339, for example 2024-05-01T10:00:00Z",
            "test.yaml:8: Service default/Web_1: metadata.labels[a]: '1' must be a string, but is a number (put it in quotes)",
            "test.yaml:10: Service default/Web_1: spec.type: 'Cluster' must be ClusterIP, NodePort, LoadBalancer or ExternalName",
            "test.yaml:12: Service default/Web_1: spec.clusterIPs[0]: '10.96.0.2' must be the same as spec.clusterIP, which is '10.96.0.1'",
            "test.yaml:12: Service default/Web_1: spec.clusterIPs[1]: '10.96.0.3' "
                + "is of the same IP family as spec.clusterIPs[0]: one address of each is allowed",
            "test.yaml:13: Service default/Web_1: spec.internalTrafficPolicy: 'local' must be Cluster or Local",
            "test.yaml:14: Service default/Web_1: spec.ipFamilies[0]: 'IPv5' must be IPv4 or IPv6",
            "test.yaml:16: Service default/Web_1: spec.ports[0].port: '70000' must be 1 to 65535",
            "test.yaml:17: Service default/Web_1: spec.ports[0].protocol: 'tcp' must be TCP, UDP or SCTP",
            "test.yaml:16: Service default/Web_1: spec.ports[0].name: is required when a service has more than one port",
            "test.yaml:20: Service default/Web_1: spec.ports[1].nodePort: '-1' must be 0 (none) to 65535",
            "test.yaml:21: Service default/Web_1: spec.ports[2].name: 'x' is already the name of spec.ports[1]",
            "test.yaml:22: Service default/Web_1: spec.ports[2].port: '80' is already taken by spec.ports[1] with the same protocol",
            "test.yaml:23: Service default/Web_1: spec.ports[3]: '5' must be a mapping, but is a number",
        }));
    }

    [TestCase("apiVersion: v1", "apiVersion: v2", "apiVersion: 'v2' is not supported: must be v1")]
    [TestCase("apiVersion: v1", "apiVersion: 1", "apiVersion: '1' must be a string, but is a number (put it in quotes)")]
    [TestCase("apiVersion: v1\n", "", "apiVersion: is required: v1")]
    [TestCase("  name: web", "  generateName: web-", "metadata.name: is required")]
    [TestCase("name: web", "name: web.1", "metadata.name: 'web.1' " + NameRules.LabelRule)]
    [TestCase("name: web", "namespace: A\n  name: web", "metadata.namespace: 'A' " + NameRules.LabelRule)]
    [TestCase("10.96.0.1", "10.96.0.01", "spec.clusterIP: '10.96.0.01' must be an IP address")]
    [TestCase("10.96.0.1", "10.96.1", "spec.clusterIP: '10.96.1' must be an IP address")]
    [TestCase("10.96.0.1", "'[fd00::1]'", "spec.clusterIP: '[fd00::1]' must be an IP address")]
    [TestCase("10.96.0.1", "fd00::1/64", "spec.clusterIP: 'fd00::1/64' must be an IP address")]
    [TestCase("10.96.0.1", "fe80::1%eth0", "spec.clusterIP: 'fe80::1%eth0' must be an IP address")]
    [TestCase("10.96.0.1", "0.0.0.0", "spec.clusterIP: '0.0.0.0' must not be the unspecified address")]
    [TestCase("10.96.0.1", "127.0.0.1", "spec.clusterIP: '127.0.0.1' must not be a loopback address")]
    [TestCase("10.96.0.1", "224.0.0.1", "spec.clusterIP: '224.0.0.1' must not be a multicast address")]
    [TestCase("10.96.0.1", "::ffff:10.0.0.1", "spec.clusterIP: '::ffff:10.0.0.1' must not be an IPv4-mapped address: write it as IPv4")]
    [TestCase("10.96.0.1", "10.96.0.1\n  ipFamilies: [IPv6]", "spec.clusterIP: '10.96.0.1' must be an IPv6 address, as spec.ipFamilies[0] says")]
    [TestCase("  ports:\n  - port: 80\n", "", "spec.ports: needs at least one port")]
    [TestCase("port: 80", "name: HTTP\n    port: 80", "spec.ports[0].name: 'HTTP' " + NameRules.LabelRule)]
    public void A_service_that_an_api_server_refuses_is_refused(string part, string replacement, string expected)
    {
        var content = Manifest.Read(Manifest.Service("web").Replace(part, replacement));
        Assert.That(content.Objects, Is.Empty);
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
    }

    [TestCase("IPv4", "10.0.0", "must be an IPv4 address")]
    [TestCase("IPv4", "0.0.0.0", "must not be the unspecified address")]
    [TestCase("IPv4", "127.1.2.3", "must not be a loopback address")]
    [TestCase("IPv4", "169.254.1.1", "must not be a link-local address")]
    [TestCase("IPv4", "239.0.0.1", "must not be a multicast address")]
    [TestCase("IPv6", "'::'", "must not be the unspecified address")]
    [TestCase("IPv6", "::1", "must not be a loopback address")]
    [TestCase("IPv6", "fe80::1", "must not be a link-local address")]
    [TestCase("IPv6", "ff02::1", "must not be a multicast address")]
    [TestCase("IPv6", "::ffff:10.0.0.1", "must not be an IPv4-mapped address: write it as IPv4")]
    public void An_endpoint_address_that_an_api_server_refuses_is_refused(string type, string address, string reason)
    {
        var content = Manifest.Read(Manifest.Slice(type, address));
        Assert.That(content.Objects, Is.Empty);
        Assert.That(content.Problems(), Is.EqualTo(new[] { $"endpoints[0].addresses[0]: '{address.Trim('\'')}' {reason}" }));
        Assert.That(content.Diagnostics[0].Line, Is.EqualTo(9));
    }

    [TestCase("IPv4", "fd00::1")]
    [TestCase("IPv6", "10.0.0.1")]
    public void An_endpoint_address_of_the_other_family_is_used_with_a_warning(string type, string address)
    {
        var content = Manifest.Read(Manifest.Slice(type, address));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
        Assert.That(content.HasErrors, Is.False);
        Assert.That(content.Problems(), Is.EqualTo(new[]
        {
            $"endpoints[0].addresses[0]: '{address}' is no {type} address, as addressType says: it is used all the same",
        }));
    }

    [TestCase("IPv4", "10.0.0.1")]
    [TestCase("IPv6", "FD00:0::1")]
    [TestCase("IPv6", "64:ff9b::10.0.0.1")]
    public void Good_endpoint_addresses_are_taken(string type, string address) =>
        Assert.That(Manifest.Read(Manifest.Slice(type, address)).Problems(), Is.Empty);

    [Test]
    public void Address_type_must_be_there_and_known()
    {
        Assert.That(
            Manifest.Read(Manifest.Slice("IPv4", "10.0.0.1").Replace("addressType: IPv4\n", "")).Problems(), Is.EqualTo(new[] { "addressType: is required" }));
        Assert.That(
            Manifest.Read(Manifest.Slice("IP", "10.0.0.1")).Problems(), Is.EqualTo(new[] { "addressType: 'IP' must be IPv4, IPv6 or FQDN" }));
    }

    [Test]
    public void Other_versions_of_a_known_kind_are_an_error() =>
        Assert.That(
            Manifest.Read(Manifest.Slice("IPv4", "10.0.0.1").Replace("k8s.io/v1", "k8s.io/v1beta1")).Problems(),
            Is.EqualTo(new[] { "apiVersion: 'discovery.k8s.io/v1beta1' is not supported: must be discovery.k8s.io/v1" }));

    [Test]
    public void Dns_endpoints_and_any_ports_are_taken_with_a_warning()
    {
        var content = Manifest.Read(Manifest.Slice("FQDN", "db.example.com", "null"));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
        Assert.That(content.HasErrors, Is.False);
        Assert.That(content.Problems(), Is.EqualTo(new[]
        {
            "addressType: 'FQDN' is not supported: the endpoints are ignored, because the kernel needs addresses",
            "ports[0].port: is absent, which means any port: it adds no backend",
        }));
    }

    [Test]
    public void Null_fields_count_as_absent()
    {
        var content = Manifest.Read(Manifest.Service("web").Replace(
            "  name: web\n", "  name: web\n  labels:\n  annotations: null\n  creationTimestamp: null\n"));
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects, Has.Length.EqualTo(1));
    }

    [Test]
    public void Very_many_errors_are_cut_off_and_values_kept_short()
    {
        var ports = string.Concat(Enumerable.Repeat("  - port: 0\n", 1000));
        var content = Manifest.Read(Manifest.Service("web").Replace("  - port: 80\n", ports));
        Assert.That(content.Diagnostics, Has.Length.EqualTo(51));
        var text = Manifest.Read(Manifest.Service("'" + new string('x', 100_000) + "\\n'")).Diagnostics[0].ToString();
        Assert.That(text, Has.Length.LessThan(100_500));
    }
}
