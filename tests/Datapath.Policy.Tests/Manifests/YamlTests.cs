namespace Datapath.Policy.Tests.Manifests;

internal sealed class YamlTests
{
    [TestCase("80", 80)]
    [TestCase("0x50", 80)]
    [TestCase("0120", 80)]
    [TestCase("0o120", 80)]
    [TestCase("0b1010000", 80)]
    [TestCase("8_0", 80)]
    [TestCase("+80", 80)]
    [TestCase("80.0", 80)]
    [TestCase("8e1", 80)]
    [TestCase("080", 80)]
    [TestCase("!!int 80", 80)]
    public void Numbers_are_read_as_kubernetes_tools_do(string text, int expected) =>
        Assert.That(((Service)Manifest.Read(Manifest.Service("a", text)).Objects.Single()).Spec.Ports[0].Port, Is.EqualTo(expected));

    [TestCase("\"80\"", "'80' must be a whole number, but is a string (remove the quotes)")]
    [TestCase("!!str 80", "'80' must be a whole number, but is a string (remove the quotes)")]
    [TestCase("http", "'http' must be a whole number, but is a string")]
    [TestCase("80.5", "'80.5' must be a whole number")]
    [TestCase(".inf", "'.inf' must be a whole number")]
    [TestCase("yes", "'yes' must be a whole number, but is a boolean")]
    [TestCase("[80]", "must be a whole number, but is a list")]
    [TestCase("{a: 1}", "must be a whole number, but is a mapping")]
    [TestCase("0", "'0' must be 1 to 65535")]
    [TestCase("-1", "'-1' must be 1 to 65535")]
    [TestCase("65536", "'65536' must be 1 to 65535")]
    [TestCase("99999999999", "'99999999999' is out of the range of a 32-bit integer")]
    [TestCase("null", "is required")]
    [TestCase("~", "is required")]
    public void What_is_no_port_number_is_refused(string text, string reason)
    {
        var error = Manifest.Read(Manifest.Service("a", text)).Diagnostics.Single();
        Assert.That(error.Severity, Is.EqualTo(DiagnosticSeverity.Error));
        Assert.That(error.Line, Is.EqualTo(8));
        Assert.That((error with { File = "", Line = 0, Kind = null }).ToString(), Is.EqualTo("spec.ports[0].port: " + reason));
    }

    [TestCase("80")]
    [TestCase("y")]
    [TestCase("NO")]
    [TestCase("1.5")]
    [TestCase("0x1")]
    public void A_plain_number_or_boolean_is_no_name(string name) =>
        Assert.That(
            Manifest.Read(Manifest.Service(name)).Problems().Single(),
            Does.StartWith($"metadata.name: '{name}' must be a string, but is a ").And.EndsWith("(put it in quotes)"));

    [TestCase("\"80\"", "80")]
    [TestCase("'y'", "y")]
    [TestCase("!!str 80", "80")]
    [TestCase("! 80", "80")]
    [TestCase(">-\n    web", "web")]
    [TestCase("2024-01-01", "2024-01-01")]
    [TestCase("1a", "1a")]
    [TestCase("0xy", "0xy")]
    public void A_string_is_a_name(string name, string expected) =>
        Assert.That(Manifest.Read(Manifest.Service(name)).Objects.Single().Metadata.Name, Is.EqualTo(expected));

    [TestCase("kind: Service\nkind: Service\n", "test.yaml:2: field 'kind' occurs twice in the same mapping")]
    [TestCase("a:\n  b: 1\n  <<: {c: 1}\n", "test.yaml:3: merge keys ('<<') are not supported: write the fields out")]
    [TestCase("a: *b\n", "test.yaml:1: alias '*b' has no anchor before it")]
    [TestCase("a: &b [*b]\n", "test.yaml:1: alias '*b' has no anchor before it")]
    [TestCase("a: 1\n? [b, c]\n: 2\n", "test.yaml:2: is not valid in a manifest: a field's name must be a scalar")]
    [TestCase("a: !!binary aGk=\n", "test.yaml:1: tag 'tag:yaml.org,2002:binary' is not supported")]
    [TestCase("a: !!int x\n", "test.yaml:1: tag 'tag:yaml.org,2002:int' does not fit 'x'")]
    [TestCase("a: !!set {b: 1}\n", "test.yaml:1: tag 'tag:yaml.org,2002:set' is not supported")]
    [TestCase("c: 0\nd: 1\na:\n\tb: 1\ne: {}\n", "test.yaml:4: is not valid YAML: it is indented with a tab, use spaces")]
    [TestCase("a:\n\tb: 1\n", "test.yaml:2: is not valid YAML: it is indented with a tab, use spaces")]
    [TestCase("a: b\n# \0\nc: d\n", "test.yaml:2: is not valid YAML: character U+0000 is not allowed")]
    [TestCase("just text\n", "test.yaml:1: an object must be a mapping, but this is a string")]
    [TestCase("- kind: Service\n", "test.yaml:1: an object must be a mapping, but this is a list")]
    [TestCase("spec: {}\n", "test.yaml:1: kind: is required")]
    public void What_is_not_supported_is_named_with_its_line(string text, string expected) =>
        Assert.That(Manifest.Read(text).Diagnostics.Select(diagnostic => diagnostic.ToString()), Is.EqualTo(new[] { expected }));

    [Test]
    public void Anchors_and_aliases_are_resolved()
    {
        var content = Manifest.Read(
            "apiVersion: v1\nkind: List\nitems:\n- &web\n  apiVersion: &v v1\n  kind: Service\n  metadata: {name: &n web}\n"
            + "  spec: &spec {ports: [{port: 80}]}\n- {apiVersion: *v, kind: Service, metadata: {name: b, namespace: *n}, spec: *spec}\n- *web\n");
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Select(item => item.Key.ToString()), Is.EqualTo(new[] { "Service default/web", "Service web/b", "Service default/web" }));
    }

    [Test]
    public void Tabs_inside_values_are_harmless()
    {
        var content = Manifest.Read(Manifest.Service("a").Replace("spec:", "  annotations:\n    a: |\n      {\n      \t\"b\": 1\n      }\nspec:\t# comment"));
        Assert.That(content.Diagnostics, Is.Empty);
        Assert.That(content.Objects.Single().Metadata.Annotations["a"], Is.EqualTo("{\n\t\"b\": 1\n}\n"));
    }

    [Test]
    public void Alias_bombs_are_refused()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 40; i++)
            text += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat("*a" + (i - 1), 10))}]\n";
        Assert.That(Manifest.Read(text).Diagnostics.Single().ToString(), Is.EqualTo("test.yaml:6: has aliases that stand for more than 1000000 nodes"));
    }

    [TestCase("[")]
    [TestCase("{a: ")]
    [TestCase("- ")]
    public void Deep_nesting_is_refused(string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 100_000));
        Assert.That(Manifest.Read("x: 1\n---\n" + text).Diagnostics.Select(diagnostic => diagnostic.Reason), Has.Some.Contains("deeper than 64"));
        Assert.That(ManifestReader.Read(new string('[', 100_000), "a.json").Diagnostics.Single().Reason, Does.StartWith("is not valid JSON"));
    }
}
