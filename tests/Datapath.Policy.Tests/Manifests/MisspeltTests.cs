namespace Datapath.Policy.Tests.Manifests;

/// <summary>What is misspelt in a kind of ours would do nothing, and nobody would know.</summary>
internal sealed class MisspeltTests
{
    [TestCase("onNoBackend: drop", "onNobackend: drop", "spec.onNobackend: is not known and has no effect: did you mean onNoBackend?")]
    [TestCase("clientSelector:", "clientselector:", "spec.clientselector: is not known and has no effect: did you mean clientSelector?")]
    [TestCase("endPort: 8010", "endport: 8010", "spec.frontends[0].ports[1].endport: is not known and has no effect: did you mean endPort?")]
    [TestCase("{matchLabels: {tenant", "{matchlabel: {tenant",
        "spec.clientSelector.include[0].namespaces.matchlabel: is not known and has no effect: did you mean matchLabels?")]
    [TestCase("priority: 100", "weight: 100", "spec.weight: is not known and has no effect")]
    [TestCase("name: metadata-proxy\n", "name: metadata-proxy\n  annotations: {datapath.io/onNoBackend: drop}\n",
        "metadata.annotations[datapath.io/onNoBackend]: is not known and has no effect: did you mean datapath.io/on-no-backend?")]
    [TestCase("name: metadata-proxy\n", "name: metadata-proxy\n  annotations: {datapath.io/on-no-backend: drop, example.com/x: z}\n",
        "metadata.annotations[datapath.io/on-no-backend]: has no effect: it is for CiliumLocalRedirectPolicy only")]
    [TestCase("name: metadata-proxy\n", "name: metadata-proxy\n  annotations: {datapath.io/socketlb: disabled}\n",
        "metadata.annotations[datapath.io/socketlb]: is not known and has no effect: did you mean datapath.io/socket-lb?")]
    public void A_misspelt_name_is_warned_about(string part, string replacement, string expected)
    {
        var content = Manifest.Read(Manifest.ClusterPolicy.Replace(part, replacement, StringComparison.Ordinal));
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
    }

    [TestCase("kind: service", "kind: 'service' is not a kind that is read: did you mean Service?", DiagnosticSeverity.Error)]
    [TestCase("kind: Servcie", "kind: 'Servcie' is not a kind that is read: did you mean Service?", DiagnosticSeverity.Error)]
    [TestCase("kind: Secret", "kind: 'Secret' is not a kind that is read: the object is ignored", DiagnosticSeverity.Debug)]
    [TestCase("kind: ServiceAccount", "kind: 'ServiceAccount' is not a kind that is read: the object is ignored", DiagnosticSeverity.Debug)]
    public void A_kind_that_is_nearly_one_of_those_that_are_read_is_a_mistake(string kind, string expected, DiagnosticSeverity severity)
    {
        var content = Manifest.Read(Manifest.Service("web").Replace("kind: Service", kind, StringComparison.Ordinal));
        Assert.That(content.Diagnostics.Single().ToString(), Does.EndWith(expected));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(severity));
    }

    [Test]
    public void A_kind_of_another_group_may_be_named_like_one_of_ours() => Assert.That(
        Manifest.Read("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}}").Diagnostics.Single().Severity,
        Is.EqualTo(DiagnosticSeverity.Debug));

    [Test]
    public void Annotations_of_ours_are_warned_about_on_all_kinds() => Assert.That(
        Manifest.Read(Manifest.CiliumPolicy.Replace("on-no-backend", "on-no-backends", StringComparison.Ordinal)).Problems()
            .Concat(Manifest.Read(Manifest.Service("web").Replace("name: web", "name: web\n  annotations: {datapath.io/x: z}", StringComparison.Ordinal)).Problems()),
        Is.EqualTo(new[]
        {
            "metadata.annotations[datapath.io/on-no-backends]: is not known and has no effect: did you mean datapath.io/on-no-backend?",
            "metadata.annotations[datapath.io/x]: is not known and has no effect",
        }));

    [Test]
    public void An_object_whose_kind_is_misspelt_later_stays_as_it_was()
    {
        var set = new ManifestSet();
        var good = Manifest.Service("web");
        var service = set.Update("a.yaml", good).Upserted.Single();
        var batch = set.Update("a.yaml", good.Replace("kind: Service", "kind: Servcie", StringComparison.Ordinal));
        Assert.That((batch.Upserted, batch.Deleted), Is.EqualTo((Array.Empty<KubernetesObject>(), Array.Empty<ObjectKey>())));
        Assert.That(batch.Refused.Single().Object, Is.EqualTo(service.Key));
        Assert.That(set.Objects.Single(), Is.EqualTo(service));
    }

    [TestCase("  type: ClusterIP", "  typ: ClusterIP", "spec.typ: is not known and has no effect: did you mean type?")]
    [TestCase("  type: ClusterIP", "  sessionaffinity: ClientIP", "spec.sessionaffinity: is not known and has no effect: did you mean sessionAffinity?")]
    [TestCase("    port: 80", "    port: 80\n    nodeport: 30080", "spec.ports[0].nodeport: is not known and has no effect: did you mean nodePort?")]
    public void A_field_of_other_kinds_is_warned_about_if_it_is_nearly_one_that_they_have(string part, string replacement, string expected)
    {
        var service = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: ClusterIP
              clusterIP: 10.96.0.1
              ports:
              - name: http
                port: 80
            """;
        Assert.That(service, Does.Contain(part));
        var content = Manifest.Read(service.Replace(part, replacement, StringComparison.Ordinal));
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
    }

    [Test]
    public void Fields_of_other_kinds_that_are_like_no_other_are_only_noted() => Assert.That(
        Manifest.Read(Manifest.CiliumPolicy.Replace("description:", "comment:", StringComparison.Ordinal)).Diagnostics.Single().Severity,
        Is.EqualTo(DiagnosticSeverity.Debug));

    [TestCase("clusterIP: 10.96.0.1", "10.96.0.1")]
    [TestCase("clusterIPs: ['fd10:96::1']", "fd10:96::1")]
    [TestCase("clusterIPs: [10.96.0.1, 'fd10:96::1']", null)]
    [TestCase("clusterIP: None", null)]
    [TestCase("type: ExternalName", null)]
    public void Two_families_that_are_asked_for_with_one_address_are_warned_about(string spec, string? address)
    {
        var content = Manifest.Read($"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{{spec}, ipFamilyPolicy: RequireDualStack, externalName: a.example, ports: [{{port: 80}}]}}}}");
        Assert.That(content.Problems(), Is.EqualTo(address is null
            ? Array.Empty<string>()
            : [$"spec.ipFamilyPolicy: 'RequireDualStack' has no effect: the service has one address ('{address}'), and is served there alone; name one of each family in spec.clusterIPs"]));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
    }
}
