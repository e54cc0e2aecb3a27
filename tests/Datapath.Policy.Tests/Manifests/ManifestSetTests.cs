namespace Datapath.Policy.Tests.Manifests;

internal sealed class ManifestSetTests
{
    private const string Broken = "spec: {ports: [\n";

    private static string[] Names(ManifestSet set) => [.. set.Objects.Select(item => item.Metadata.Name).Order(StringComparer.Ordinal)];

    private static int Port(ManifestSet set, string name) =>
        ((Service)set.Objects.Single(item => item.Metadata.Name == name)).Spec.Ports[0].Port;

    private static string Two(string first, string second) => first + "---\n" + second;

    [Test]
    public void A_file_is_followed_object_by_object()
    {
        var set = new ManifestSet();
        Assert.That(set.Update("a.yaml", Two(Manifest.Service("a"), Manifest.Service("b"))).Upserted, Has.Length.EqualTo(2));
        var batch = set.Update("a.yaml", Two(Manifest.Service("b", "81"), Manifest.Service("c")));
        Assert.That(batch.Upserted.Select(item => item.Metadata.Name), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(batch.Deleted.Single().Name, Is.EqualTo("a"));
        Assert.That(set.Remove("a.yaml").Deleted, Has.Length.EqualTo(2));
        Assert.That(set.Objects, Is.Empty);
        Assert.That(set.Remove("a.yaml").IsEmpty);
    }

    [Test]
    public void A_file_that_says_the_same_changes_nothing()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Manifest.Service("a"));
        Assert.That(set.Update("a.yaml", "# a comment\n" + Manifest.Service("a")).IsEmpty);
    }

    [Test]
    public void Of_two_copies_the_first_by_path_counts_and_the_other_is_warned_about()
    {
        var set = new ManifestSet();
        set.Update("b.yaml", "\n" + Manifest.Service("web", "82"));
        var batch = set.Update("a.yaml", Manifest.Service("web", "81"));
        Assert.That(Port(set, "web"), Is.EqualTo(81));
        Assert.That(
            batch.Diagnostics.Select(diagnostic => (diagnostic.Severity, diagnostic.ToString())),
            Is.EqualTo(new[] { (DiagnosticSeverity.Warning, "b.yaml:2: Service default/web: is also in a.yaml:1, and that one counts") }));
        Assert.That(set.Diagnostics, Is.EqualTo(batch.Diagnostics));
        Assert.That(set.Update("c.yaml", Manifest.Service("web", "83")).IsEmpty);
        Assert.That(set.Remove("a.yaml").Upserted, Has.Length.EqualTo(1));
        Assert.That(Port(set, "web"), Is.EqualTo(82));
    }

    [Test]
    public void Of_two_copies_in_one_file_the_first_counts()
    {
        var set = new ManifestSet();
        var batch = set.Update("a.yaml", Two(Manifest.Service("web", "81"), Manifest.Service("web", "82")));
        Assert.That(Port(set, "web"), Is.EqualTo(81));
        Assert.That(batch.Diagnostics.Single().ToString(), Is.EqualTo("a.yaml:10: Service default/web: is also in a.yaml:1, and that one counts"));
    }

    [Test]
    public void The_last_good_state_is_kept_while_a_file_has_errors()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Two(Manifest.Service("a"), Manifest.Service("b")));
        var batch = set.Update("a.yaml", Two(Manifest.Service("b", "81"), Broken));
        Assert.That(batch.Deleted, Is.Empty);
        Assert.That(batch.Upserted.Single().Metadata.Name, Is.EqualTo("b"), "what is valid is applied");
        Assert.That(batch.Diagnostics, Has.Length.EqualTo(1));
        Assert.That(Names(set), Is.EqualTo(new[] { "a", "b" }));
        set.Update("a.yaml", Broken);
        Assert.That(Names(set), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Port(set, "b"), Is.EqualTo(81), "b as it was last valid");
        Assert.That(set.Update("a.yaml", Manifest.Service("b", "81")).Deleted.Single().Name, Is.EqualTo("a"));
    }

    [Test]
    public void A_refused_object_stays_as_it_was()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Manifest.Service("a"));
        var batch = set.Update("a.yaml", Manifest.Service("a", "0"));
        Assert.That((batch.Upserted.Length, batch.Deleted.Length), Is.EqualTo((0, 0)));
        Assert.That(Port(set, "a"), Is.EqualTo(80));
        Assert.That(set.Update("a.yaml", "").Deleted, Has.Length.EqualTo(1));
    }

    [Test]
    public void What_is_kept_goes_with_its_file()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Manifest.Service("a"));
        set.Update("a.yaml", Broken);
        Assert.That(set.Remove("a.yaml").Deleted, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_valid_copy_elsewhere_replaces_what_is_kept_for_good()
    {
        var set = new ManifestSet();
        set.Update("a.yaml", Manifest.Service("a", "81"));
        set.Update("a.yaml", Broken);
        var batch = set.Update("b.yaml", Manifest.Service("a", "82"));
        Assert.That(batch.Diagnostics, Is.Empty);
        Assert.That(Port(set, "a"), Is.EqualTo(82));
        Assert.That(set.Remove("b.yaml").Deleted, Has.Length.EqualTo(1));
        set.Update("a.yaml", Broken + " ");
        Assert.That(set.Objects, Is.Empty);
    }

    [Test]
    public void An_object_that_moves_between_files_in_one_step_is_never_gone()
    {
        var set = new ManifestSet();
        set.Update("b.yaml", Manifest.Service("a"));
        Assert.That(set.Apply(new("b.yaml", ""), new("a.yaml", Manifest.Service("a"))).IsEmpty);
        Assert.That(set.Apply(new("b.yaml", Manifest.Service("a")), new("a.yaml", null)).IsEmpty);
    }

    [Test]
    public void Batches_of_random_files_add_up_to_the_objects()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var set = new ManifestSet();
            var objects = new Dictionary<ObjectKey, KubernetesObject>();
            var refused = new Dictionary<ObjectKey, string>();
            for (var step = 0; step < 30; step++)
            {
                var batch = set.Apply([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => File(random))]);
                foreach (var key in batch.Deleted)
                    Assert.That(objects.Remove(key), $"seed {seed}, step {step}");
                foreach (var item in batch.Upserted)
                    objects[item.Key] = item;
                Assert.That(set.Objects, Is.EquivalentTo(objects.Values), $"seed {seed}, step {step}");
                foreach (var key in batch.NoLongerRefused)
                    Assert.That(refused.Remove(key), $"seed {seed}, step {step}");
                foreach (var (key, reason) in batch.Refused)
                    refused[key] = reason;
            }

            foreach (var key in set.Apply(new("a", ""), new("b", null), new("c", "")).NoLongerRefused)
                refused.Remove(key);
            Assert.That(refused, Is.Empty, $"seed {seed}");
            Assert.That(set.Objects, Is.Empty, $"seed {seed}");
            Assert.That(set.Diagnostics, Is.Empty, $"seed {seed}");
        }
    }

    private static ManifestFile File(Random random)
    {
        var documents = Enumerable.Range(0, random.Next(4)).Select(_ =>
            random.Next(6) == 0 ? Broken : Manifest.Service(random.GetItems<string>(["x", "y", "z"], 1)[0], random.Next(0, 4).ToString()));
        return new(random.GetItems<string>(["a", "b", "c"], 1)[0], random.Next(5) == 0 ? null : string.Join("---\n", documents));
    }
}
