namespace Datapath.Policy.Tests.Manifests;

/// <summary>A policy must not say two things of one dial.</summary>
internal sealed class ContradictionTests
{
    private const string Namespaced =
        """
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata: {name: proxy, namespace: infra}
        spec:
          redirectFrontend: FRONTEND
          redirectBackend:
            localEndpointSelector: {}
            toPorts: [{name: a, port: "8080", protocol: TCP}, {name: b, port: "8081", protocol: TCP}, {name: c, port: "8081", protocol: UDP}]

        """;

    private static string[] Clusterwide(string frontends) => Manifest.Read(
        $$"""
        apiVersion: datapath.io/v1alpha1
        kind: ClusterLocalRedirectPolicy
        metadata: {name: proxy}
        spec:
          frontends: [{{frontends}}]
          backend: {namespace: infra, selector: {matchLabels: {app: proxy} }, ports: [{name: a, port: 1}, {name: b, port: 2}] }

        """).Problems();

    [TestCase("10.0.0.1", "10.0.0.1", "10.0.0.1/32")]
    [TestCase("10.0.0.1", "10.0.0.1/32", "10.0.0.1/32")]
    [TestCase("10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8")]
    public void The_same_address_and_port_leads_to_one_backend_port(string first, string second, string place) => Assert.That(
        Clusterwide($"{{addresses: [{first}], ports: [{{port: 80, backendPort: a}}]}}, {{addresses: [10.9.9.9, {second}], ports: [{{port: 80, backendPort: b}}]}}"),
        Is.EqualTo(new[] { $"spec.frontends[1].ports[0].backendPort: 'b' contradicts spec.frontends[0].ports[0], from which {place} leads to another port" }));

    [Test]
    public void The_same_service_and_port_leads_to_one_backend_port() => Assert.That(
        Clusterwide("{service: {namespace: shop, name: web}, ports: [{port: 80, backendPort: a}]}, {service: {namespace: shop, name: web}, ports: [{port: 80, backendPort: b}]}"),
        Has.Length.EqualTo(1).And.All.Contains("service shop/web leads to another port"));

    [TestCase("10.0.0.0/8", "80", "80", "b")]
    [TestCase("10.0.0.1", "80", "81", "b")]
    [TestCase("10.0.0.1", "80, endPort: 90", "80", "b")]
    [TestCase("10.0.0.1", "80", "80", "a")]
    public void Another_range_and_the_same_once_more_are_none(string address, string first, string second, string backend) => Assert.That(
        Clusterwide($"{{addresses: [{address}], ports: [{{port: {first}, backendPort: a}}]}}, {{addresses: [10.0.0.1], ports: [{{port: {second}, backendPort: {backend}}}]}}"),
        Is.Empty);

    [Test]
    public void Addresses_times_ports_are_bounded()
    {
        static string Frontend(int addresses, int ports) =>
            $"{{addresses: [{string.Join(", ", Enumerable.Range(0, addresses).Select(static i => $"10.0.{i / 250}.{(i % 250) + 1}"))}], "
            + $"ports: [{string.Join(", ", Enumerable.Range(1, ports).Select(static i => $"{{port: {i}, backendPort: a}}"))}]}}";
        Assert.That(Clusterwide(Frontend(1000, 10)), Is.Empty);
        Assert.That(Clusterwide($"{Frontend(1000, 10)}, {Frontend(1, 1)}"), Is.EqualTo(new[]
        {
            "spec.frontends: '10001' is the number of addresses times ports, at most 10000 are allowed: a range (10.0.0.0/8, endPort) counts once",
        }));
    }

    [TestCase("addressMatcher: {ip: 10.0.0.1", "addressMatcher")]
    [TestCase("serviceMatcher: {serviceName: web, namespace: infra", "serviceMatcher")]
    public void A_frontend_port_has_one_name(string matcher, string field)
    {
        string[] Problems(string ports) => Manifest.Read(Namespaced.Replace("FRONTEND", $"{{{matcher}, toPorts: [{ports}]}}}}", StringComparison.Ordinal)).Problems();
        const string First = "{name: a, port: \"80\", protocol: TCP}";
        Assert.That(Problems($"{First}, {{name: b, port: \"80\", protocol: TCP}}"), Is.EqualTo(new[]
        {
            $"spec.redirectFrontend.{field}.toPorts[1].port: '80' is already in spec.redirectFrontend.{field}.toPorts[0], of the same protocol under another name",
        }));
        Assert.That(Problems($"{First}, {{name: c, port: \"80\", protocol: UDP}}"), Is.Empty);
    }
}
