namespace Datapath.Policy.Tests.Manifests;

/// <summary>Which objects of manifests are told to be refused, and when that is over.</summary>
internal sealed class RefusedObjectTests
{
    private const string Broken = "---\nspec: {ports: [\n";

    private static string Told(ObjectBatch batch) => string.Join(
        ' ', batch.NoLongerRefused.Select(static key => $"-{key.Name}").Concat(batch.Refused.Select(static item => $"+{item.Object.Name}")));

    [Test]
    public void A_refused_object_is_told_with_all_its_errors_until_it_is_good_or_gone()
    {
        var set = new ManifestSet();
        var refused = set.Update("a.yaml", Manifest.Service("a", "0")).Refused.Single();
        Assert.That(refused.Object, Is.EqualTo(new ObjectKey(ObjectKind.Service, "default", "a")));
        Assert.That(refused.Reason, Is.EqualTo("spec.ports[0].port: '0' must be 1 to 65535"));
        Assert.That(set.Update("a.yaml", "# the same\n" + Manifest.Service("a", "0")).IsEmpty);
        Assert.That(Told(set.Update("a.yaml", Manifest.Service("a", "-1"))), Is.EqualTo("+a"), "another reason");
        Assert.That(Told(set.Update("a.yaml", Manifest.Service("a"))), Is.EqualTo("-a"));
        Assert.That(Told(set.Update("a.yaml", Manifest.Service("a", "0"))), Is.EqualTo("+a"));
        Assert.That(Told(set.Update("a.yaml", Manifest.Service("a"))), Is.EqualTo("-a"), "although nothing is upserted");
        set.Update("a.yaml", Manifest.Service("a", "0"));
        Assert.That(Told(set.Remove("a.yaml")), Is.EqualTo("-a"));
    }

    [Test]
    public void An_object_that_is_kept_because_its_file_is_broken_is_told_too()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Manifest.Service("a") + "---\n" + Manifest.Service("b"));
        var batch = set.Update("a.yaml", Manifest.Service("b") + Broken);
        Assert.That(Told(batch), Is.EqualTo("+a"));
        Assert.That(batch.Refused[0].Reason, Does.StartWith("a.yaml:"));
        Assert.That(Told(set.Update("b.yaml", Manifest.Service("a"))), Is.EqualTo("-a"), "another file has it now");
    }

    [Test]
    public void Of_several_refused_copies_the_first_by_path_is_told()
    {
        var set = new ManifestSet();
        set.Update("b.yaml", Manifest.Service("a", "0"));
        Assert.That(set.Update("a.yaml", Manifest.Service("a", "-1")).Refused.Single().Reason, Does.Contain("'-1'"));
        Assert.That(set.Remove("a.yaml").Refused.Single().Reason, Does.Contain("'0'"));
        Assert.That(Told(set.Remove("b.yaml")), Is.EqualTo("-a"));
    }

    [TestCase("kind: Service\napiVersion: v2\nmetadata: {name: a}", "Service default/a")]
    [TestCase("kind: Service\nmetadata: {name: a, namespace: b}", "Service b/a")]
    [TestCase("kind: ClusterLocalRedirectPolicy\napiVersion: datapath.io/v1\nmetadata: {name: a}", "ClusterLocalRedirectPolicy a")]
    [TestCase("kind: Service\napiVersion: serving.knative.dev/v1\nmetadata: {name: a}", null)]
    [TestCase("kind: Service\napiVersion: v1\nmetadata: {}", null)]
    public void What_an_object_is_must_be_plain(string text, string? key) =>
        Assert.That(ManifestReader.Read(text, "a.yaml").Refused.Select(static item => item.Object.ToString()), Is.EqualTo(key is null ? [] : new[] { key }));
}
