namespace Datapath.Policy.Tests.Manifests;

/// <summary>What is wrong with the settings by which pods are left alone.</summary>
[TestFixture("datapath.io/socket-lb")]
[TestFixture("datapath.io/masquerade")]
internal sealed class PodSwitchTests(string name)
{
    [TestCase("Pod", "annotations", "enabled")]
    [TestCase("Pod", "annotations", "disabled")]
    [TestCase("Namespace", "annotations", "disabled")]
    [TestCase("Namespace", "labels", "disabled")]
    public void What_it_may_say_is_nothing_to_speak_of(string kind, string field, string value) =>
        Assert.That(Read(kind, field, value).Problems(), Is.Empty);

    [TestCase("Pod", "annotations")]
    [TestCase("Namespace", "annotations")]
    [TestCase("Namespace", "labels")]
    public void Another_value_is_warned_about_with_its_line(string kind, string field)
    {
        var content = Read(kind, field, "Disabled");
        Assert.That(
            content.Problems(),
            Is.EqualTo(new[] { $"metadata.{field}[{name}]: 'Disabled' must be enabled or disabled, and is taken for enabled" }));
        Assert.That((content.Diagnostics.Single().Severity, content.Diagnostics.Single().Line), Is.EqualTo((DiagnosticSeverity.Warning, 6)));
        Assert.That(content.Objects, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_label_of_a_pod_is_warned_about() => Assert.That(
        Read("Pod", "labels", "disabled").Problems(),
        Is.EqualTo(new[] { $"metadata.labels[{name}]: has no effect: on a Pod it must be an annotation" }));

    [Test]
    public void An_annotation_of_other_kinds_is_warned_about() => Assert.That(
        Read("Node", "annotations", "disabled").Problems(),
        Is.EqualTo(new[] { $"metadata.annotations[{name}]: has no effect: it is for Pod and Namespace only" }));

    private ManifestContent Read(string kind, string field, string value) => Manifest.Read(
        $"""
        apiVersion: v1
        kind: {kind}
        metadata:
          name: a
          {field}:
            {name}: {value}
        """);
}
