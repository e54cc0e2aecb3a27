using System.Diagnostics;
using System.Text;

namespace Datapath.Policy.Tests.Manifests;

internal sealed class ManifestReaderTests
{
    private const string Kubectl =
        """
        apiVersion: v1
        items:
        - apiVersion: v1
          kind: Service
          metadata:
            annotations:
              kubectl.kubernetes.io/last-applied-configuration: |
                {"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"kube-dns"}}
              prometheus.io/port: "9153"
            creationTimestamp: "2024-05-01T10:00:00Z"
            labels:
              k8s-app: kube-dns
            name: kube-dns
            namespace: kube-system
            resourceVersion: "239"
            uid: 0f6e1b1e-5a51-4a3b-a1b1-3a2a7d0a6f01
          spec:
            clusterIP: 10.96.0.10
            clusterIPs:
            - 10.96.0.10
            internalTrafficPolicy: Cluster
            ipFamilies:
            - IPv4
            ipFamilyPolicy: SingleStack
            ports:
            - name: dns
              port: 53
              protocol: UDP
              targetPort: 53
            - name: metrics
              port: 9153
              protocol: TCP
              targetPort: 9153
            selector:
              k8s-app: kube-dns
            someFutureField: None
            sessionAffinity: ClientIP
            type: ClusterIP
          status:
            loadBalancer: {}
        - addressType: IPv4
          apiVersion: discovery.k8s.io/v1
          endpoints:
          - addresses:
            - 10.244.0.2
            conditions:
              ready: true
              serving: true
              terminating: false
            nodeName: control-plane
            targetRef:
              kind: Pod
              name: coredns-0
              namespace: kube-system
            zone: eu-1
          kind: EndpointSlice
          metadata:
            generateName: kube-dns-
            labels:
              endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
              kubernetes.io/service-name: kube-dns
            name: kube-dns-x7k2p
            namespace: kube-system
          ports:
          - name: dns
            port: 53
            protocol: UDP
          - name: metrics
            port: 9153
            protocol: TCP
        kind: List
        metadata:
          resourceVersion: ""
        """;

    private const string Json =
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Service\",\n\t\"metadata\": {\"name\": \"w\\u0065b\"},\n"
        + "\t\"spec\": {\"clusterIP\": \"10.96.0.1\", \"ports\": [{\"port\": 80}]}\n}";

    [Test]
    public void What_kubectl_prints_is_read_whole()
    {
        var content = Manifest.Read(Kubectl);
        Assert.That(content.Diagnostics.Select(diagnostic => diagnostic.ToString()), Is.EqualTo(new[]
        {
            "test.yaml:36: Service kube-system/kube-dns: spec.someFutureField: is not used",
        }));
        var service = (Service)content.Objects[0];
        var slice = (EndpointSlice)content.Objects[1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(service.Metadata.CreationTimestamp, Is.EqualTo(new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)));
            Assert.That(service.Metadata.Annotations["prometheus.io/port"], Is.EqualTo("9153"));
            Assert.That(service.Metadata.Annotations["kubectl.kubernetes.io/last-applied-configuration"], Does.EndWith("}}\n"));
            Assert.That(service.Spec.Ports[0], Is.EqualTo(new ServicePort { Name = "dns", Port = 53, Protocol = L4Protocol.Udp, TargetPort = new(53) }));
            Assert.That(service.Spec.SessionAffinity, Is.EqualTo(SessionAffinity.ClientIP));
            Assert.That(service.Spec.IPFamilies, Is.EqualTo(new[] { IPFamily.IPv4 }));
            Assert.That(slice.ServiceName, Is.EqualTo(service.ServiceName));
            Assert.That(
                slice.Endpoints.Single(),
                Is.EqualTo(new Endpoint { Addresses = ["10.244.0.2"], Conditions = new(true, true, false), NodeName = "control-plane", Zone = "eu-1" }));
        }
    }

    [TestCase("\n")]
    [TestCase("\r\n")]
    public void Line_ends_and_a_byte_order_mark_change_nothing(string lineEnd)
    {
        var content = Manifest.Read("\uFEFF" + Kubectl.ReplaceLineEndings(lineEnd));
        Assert.That(content.Objects, Is.EqualTo(Manifest.Read(Kubectl).Objects));
        Assert.That(content.Diagnostics.Single().Line, Is.EqualTo(36));
    }

    [TestCase("")]
    [TestCase("\n\n")]
    [TestCase("# nothing here\n")]
    [TestCase("---\n---\n# a\n---\n...\n---\n")]
    [TestCase("null\n---\n~\n")]
    public void Empty_documents_are_nothing(string text)
    {
        var content = Manifest.Read(text);
        Assert.That(content.Objects, Is.Empty);
        Assert.That(content.Diagnostics, Is.Empty);
    }

    [Test]
    public void Documents_are_split_and_keep_their_lines()
    {
        var content = Manifest.Read(
            "# first\n%YAML 1.2\n---\n" + Manifest.Service("a") + "--- # second\n" + Manifest.Service("b") + "...\n" + Manifest.Service("c"));
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Select(item => item.Metadata.Name), Is.EqualTo(new[] { "a", "b", "c" }));
        Assert.That(content.Lines, Is.EqualTo(new[] { 4, 13, 22 }));
    }

    [Test]
    public void A_malformed_document_refuses_only_itself()
    {
        var content = Manifest.Read(Manifest.Service("a") + "---\nkind: Service\nspec: {ports: [\n---\n" + Manifest.Service("b"));
        Assert.That(content.Objects.Select(item => item.Metadata.Name), Is.EqualTo(new[] { "a", "b" }));
        var error = content.Diagnostics.Single();
        Assert.That(error.Severity, Is.EqualTo(DiagnosticSeverity.Error));
        Assert.That(error.Line, Is.InRange(9, 11));
        Assert.That(error.Reason, Does.StartWith("is not valid YAML"));
    }

    [Test]
    public void One_bad_item_of_a_list_refuses_only_itself()
    {
        var content = Manifest.Read(
            "kind: ServiceList\napiVersion: v1\nitems:\n- metadata: {name: a}\n  spec: {ports: [{port: 80}]}\n"
            + "- metadata: {name: b}\n  spec: {ports: [{port: 80000}]}\n- 7\n- kind: List\n");
        Assert.That(content.Objects.Single().Metadata.Name, Is.EqualTo("a"));
        Assert.That(content.Diagnostics.Select(diagnostic => diagnostic.ToString()), Is.EqualTo(new[]
        {
            "test.yaml:7: Service default/b: spec.ports[0].port: '80000' must be 1 to 65535",
            "test.yaml:8: Service: an object must be a mapping, but this is a number",
            "test.yaml:9: List: kind: 'List' must not be a list inside a list",
        }));
    }

    [TestCase("web.json")]
    [TestCase("web.yaml")]
    public void Json_is_read_by_its_name_or_its_first_character(string file)
    {
        var content = ManifestReader.Read(Json, file);
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Single().Key, Is.EqualTo(new ObjectKey(ObjectKind.Service, "default", "web")));
    }

    [Test]
    public void Json_may_hold_several_values_and_arrays()
    {
        var content = ManifestReader.Read($"{Json}\n{Json.Replace("w\\u0065b", "b")}\n[{Json.Replace("w\\u0065b", "c")}]", "all.json");
        Assert.That(content.Objects.Select(item => item.Metadata.Name), Is.EqualTo(new[] { "web", "b", "c" }));
        Assert.That(content.Lines, Is.EqualTo(new[] { 1, 7, 13 }));
    }

    [Test]
    public void Json_problems_have_their_line()
    {
        Assert.That(
            ManifestReader.Read(Json.Replace("80", "80.5"), "a.json").Diagnostics.Single().ToString(),
            Is.EqualTo("a.json:5: Service default/web: spec.ports[0].port: '80.5' must be a whole number"));
        var torn = ManifestReader.Read(Json[..^4], "a.json").Diagnostics.Single();
        Assert.That(torn.Reason, Does.StartWith("is not valid JSON"));
        Assert.That(torn.Line, Is.EqualTo(5));
        var twice = ManifestReader.Read("{\"kind\": \"Service\",\n\"kind\": \"Pod\"}", "a.json").Diagnostics.Single();
        Assert.That(twice.ToString(), Is.EqualTo("a.json:2: field 'kind' occurs twice in the same object"));
        Assert.That(ManifestReader.Read("{\"kind\": \"\\ud800\"}", "a.json").Diagnostics.Single().Reason, Does.Contain("surrogate"));
    }

    [Test]
    public void Flow_style_yaml_is_no_json()
    {
        var content = Manifest.Read("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}");
        Assert.That(content.Objects, Has.Length.EqualTo(1));
        Assert.That(content.Diagnostics, Is.Empty);
    }

    [Test]
    public void Unknown_kinds_and_fields_are_noted()
    {
        var content = Manifest.Read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\n" + Manifest.Service("a") + "  somethingNew: 1\n");
        Assert.That(content.Objects, Has.Length.EqualTo(1));
        Assert.That(content.HasErrors, Is.False);
        Assert.That(content.Diagnostics.Select(diagnostic => (diagnostic.Severity, diagnostic.ToString())), Is.EqualTo(new[]
        {
            (DiagnosticSeverity.Debug, "test.yaml:2: Deployment x: kind: 'Deployment' is not a kind that is read: the object is ignored"),
            (DiagnosticSeverity.Debug, "test.yaml:13: Service default/a: spec.somethingNew: is not used"),
        }));
    }

    [Test]
    public void A_text_may_be_given_as_utf8()
    {
        byte[] text = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes("# ä\n" + Manifest.Service("a"))];
        byte[] padded = [1, .. text, 2];
        Assert.That(ManifestReader.Read(text, "").Objects.Single().Metadata.Name, Is.EqualTo("a"));
        Assert.That(ManifestReader.Read(padded.AsMemory(1, text.Length), "").Lines, Is.EqualTo(new[] { 2 }));
        text[^1] = 0xff;
        Assert.That(
            ManifestReader.Read(text, "a.yaml").Diagnostics.Single().ToString(),
            Is.EqualTo($"a.yaml:{text.Count(static c => c == '\n') + 1}: is not valid UTF-8"));
    }

    [Test]
    public void Equal_texts_are_one_string()
    {
        var content = Manifest.Read($"{Manifest.Slice("IPv4", "10.0.0.1")}---\n{Manifest.Slice("IPv4", "10.0.0.2")}");
        Assert.That(content.Objects[0].Metadata.Name, Is.SameAs(content.Objects[1].Metadata.Name));
    }

    [Test]
    public void Json_is_read_without_an_object_for_every_value()
    {
        var slice = JsonTree.Of(Manifest.Slice("IPv4", "10.0.0.1")).ToJsonString();
        var text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(slice, 1000)));
        _ = ManifestReader.Read(text, "a.json");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var content = ManifestReader.Read(text, "a.json");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 * text.Length)); // what the objects take themselves
        Assert.That(content.Objects, Has.Length.EqualTo(1000));
    }

    [Test]
    public void A_name_that_occurs_twice_is_found_among_any_number()
    {
        for (var count = 1; count < 70; count++)
        {
            for (var twice = 0; twice < count; twice += 5)
            {
                var names = Enumerable.Range(0, count).Select(i => $"\"k{i}\": {{}}").Append($"\"\\u006b{twice}\": 1");
                Assert.That(
                    ManifestReader.Read($"{{{string.Join(",\n", names)}}}", "a.json").Diagnostics.Single().ToString(),
                    Is.EqualTo($"a.json:{count + 1}: field 'k{twice}' occurs twice in the same object"));
            }
        }
    }

    [TestCase("{}")]
    [TestCase("{\"a\": 1}")]
    [TestCase("{\"nodeName\": 1}")]
    [TestCase("{\"conditions\": 1}")]
    [TestCase("1")]
    public void The_time_of_reading_grows_with_the_length_of_a_list(string endpoint)
    {
        var text = new StringBuilder("{\"kind\": \"EndpointSlice\", \"apiVersion\": \"discovery.k8s.io/v1\", \"endpoints\": [");
        _ = text.AppendJoin(',', Enumerable.Repeat(endpoint, 300_000)).Append("]}");
        var start = Stopwatch.GetTimestamp();
        Assert.That(ManifestReader.Read(text.ToString(), "a.json").HasErrors);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(20))); // the square of it would be minutes
    }

    [TestCase("")]
    [TestCase("a.b")]
    [TestCase("a[")]
    [TestCase("[0]")]
    public void Fields_with_odd_names_are_noted(string name)
    {
        var content = Manifest.Read(Manifest.Service("a") + $"  '{name}': 1\n");
        Assert.That(content.Diagnostics.Single().ToString(), Does.EndWith($"Service default/a: spec.{name}: is not used"));
        Assert.That(content.Diagnostics.Single().Line, Is.InRange(5, 9));
    }

    [Test]
    public void Cut_off_anywhere_a_manifest_gives_objects_or_diagnostics_and_never_throws()
    {
        for (var length = 0; length < Kubectl.Length; length++)
            Assert.That(() => Manifest.Read(Kubectl[..length]), Throws.Nothing, $"{length} characters");
    }
}
