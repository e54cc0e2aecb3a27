using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Sources;

internal sealed class ManifestFolderTests
{
    private readonly FakeTimeProvider _time = new();
    private TempFolder _temp = null!;
    private ManifestFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _temp = new();
        _folder = new(_temp.Path, _time);
    }

    [TearDown]
    public void TearDown() => _temp.Dispose();

    private string Upserted() => Objects.Text(_folder.Read().Upserted);

    [Test]
    public void The_manifests_of_the_folder_are_read_and_nothing_else()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        _temp.Write("b.yml", Objects.Manifest("b", 2));
        _temp.Write("c.JSON", """{ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "c" }, "spec": { "clusterIP": "None" , "ports": [{ "port": 80 }] } }""");
        _temp.Write(".hidden.yaml", Objects.Manifest("hidden", 4));
        _temp.Write("a.yaml~", Objects.Manifest("backup", 5));
        _temp.Write("a.yaml.swp", Objects.Manifest("swap", 6));
        _temp.Write("readme.md", "kind: Service");
        Directory.CreateDirectory(_temp.At("folder.yaml"));
        File.WriteAllText(Path.Combine(_temp.At("folder.yaml"), "below.yaml"), Objects.Manifest("below", 7));
        Assert.That(Upserted(), Is.EqualTo("a:80 b:80 c:80"));
        Assert.That(_folder.Diagnostics, Is.Empty);
    }

    [Test]
    public void A_path_may_end_with_a_slash() => Assert.That(new ManifestFolder(_temp.Path + "/").Path, Is.EqualTo(_temp.Path));

    [Test]
    public void A_file_that_has_not_changed_changes_nothing()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        Assert.That(_folder.Read().IsEmpty);
        _temp.Replace("a.yaml", Objects.Manifest("a"));
        Assert.That(_folder.Read().IsEmpty);
    }

    [Test]
    public void A_file_that_is_no_text_keeps_what_it_told_last()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        File.WriteAllBytes(_temp.At("a.yaml"), [.. "# caf"u8, 0xe9]); // Latin-1
        Assert.That(_folder.Read().Deleted, Is.Empty);
        Assert.That(_folder.Diagnostics.Single().ToString(), Does.EndWith("a.yaml:1: is not valid UTF-8"));
    }

    [Test]
    public void A_file_that_is_renamed_over_another_replaces_it()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        _temp.Replace("a.yaml", Objects.Manifest("a", port: 81));
        Assert.That(Upserted(), Is.EqualTo("a:81"));
    }

    [Test]
    public void An_object_that_moves_to_another_file_is_never_gone()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        File.Move(_temp.At("a.yaml"), _temp.At("b.yaml"));
        Assert.That(_folder.Read().IsEmpty);
    }

    [Test]
    public void A_deleted_file_deletes_its_objects()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        File.Delete(_temp.At("a.yaml"));
        Assert.That(_folder.Read().Deleted, Is.EqualTo(new[] { Objects.Key("a") }));
    }

    [Test]
    public void A_file_that_is_open_for_writing_waits_until_it_is_closed()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        using (var writer = new StreamWriter(new FileStream(_temp.At("a.yaml"), FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite)))
        {
            Assert.That(_folder.Read().IsEmpty, "truncated");
            Assert.That(_folder.IsUnsettled);
            writer.Write(Objects.Manifest("a", port: 81)[..60]);
            writer.Flush();
            Assert.That(_folder.Read().IsEmpty, "half written");
            writer.Write(Objects.Manifest("a", port: 81)[60..]);
        }

        Assert.That(Upserted(), Is.EqualTo("a:81"));
        Assert.That(_folder.IsUnsettled, Is.False);
        Assert.That(_folder.Diagnostics, Is.Empty);
    }

    [Test]
    public void A_file_that_stays_open_for_long_is_worth_a_warning()
    {
        using var writer = new FileStream(_temp.At("a.yaml"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        _ = _folder.Read();
        Assert.That(_folder.Diagnostics, Is.Empty);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(
            _folder.Read().Diagnostics.Single().ToString(), Is.EqualTo($"{_temp.At("a.yaml")}: is still open for writing: keeps what it told last"));
    }

    [Test]
    public void A_link_that_leads_nowhere_keeps_what_the_file_told_last()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        TempFolder.Swap(_temp.At("a.yaml"), "/nowhere/at/all.yaml");
        Assert.That(_folder.Read().IsEmpty);
        Assert.That(_folder.IsUnsettled);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(
            _folder.Read().Diagnostics.Single().ToString(), Is.EqualTo($"{_temp.At("a.yaml")}: is a link that leads nowhere: keeps what it told last"));
        File.Delete(_temp.At("a.yaml"));
        Assert.That(_folder.Read().Deleted, Has.Length.EqualTo(1));
        Assert.That(_folder.Diagnostics, Is.Empty);
    }

    [Test]
    public void A_file_that_cannot_be_read_keeps_what_it_told_last()
    {
        _temp.Write("a.yaml", Objects.Manifest("a"));
        _temp.Write("b.yaml", Objects.Manifest("b", 2));
        Assert.That(Upserted(), Is.EqualTo("a:80 b:80"));
        TempFolder.Swap(_temp.At("a.yaml"), _temp.At("a.yaml")); // ELOOP, for root too
        _temp.Write("b.yaml", Objects.Manifest("b", 2, port: 81));
        var batch = _folder.Read();
        Assert.That((Objects.Text(batch.Upserted), batch.Deleted.Length), Is.EqualTo(("b:81", 0)));
        Assert.That(batch.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Error));
        Assert.That(batch.Diagnostics.Single().ToString(), Does.StartWith($"{_temp.At("a.yaml")}: cannot be read, keeps what it told last: "));
        Assert.That(_folder.Read().Diagnostics, Is.Empty, "told once");
        Assert.That(_folder.Diagnostics, Has.Length.EqualTo(1), "still true");
    }

    [Test]
    public void A_malformed_document_is_refused_alone_with_file_line_field_and_reason()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1) + "---\n" + Objects.Manifest("b", 2, port: 70000) + "---\nspec: {ports: [\n---\n" + Objects.Manifest("c", 3));
        var batch = _folder.Read();
        Assert.That(Objects.Text(batch.Upserted), Is.EqualTo("a:80 c:80"));
        Assert.That(batch.Diagnostics, Has.Length.EqualTo(2));
        Assert.That(
            batch.Diagnostics[0].ToString(),
            Is.EqualTo($"{_temp.At("a.yaml")}:13: Service default/b: spec.ports[0].port: '70000' must be 1 to 65535"));
        Assert.That((batch.Diagnostics[1].File, batch.Diagnostics[1].Line), Is.EqualTo((_temp.At("a.yaml"), 15)));
    }

    [Test]
    public void A_folder_that_is_gone_keeps_its_objects_until_it_is_back()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        _temp.Write("b.yaml", Objects.Manifest("b", 2));
        Assert.That(Upserted(), Is.EqualTo("a:80 b:80"));
        Directory.Delete(_temp.Path, recursive: true);
        Assert.That(_folder.Read().IsEmpty);
        Assert.That(_folder.Diagnostics.Single().ToString(), Does.StartWith($"{_temp.Path}: cannot be read, keeps what it told last: "));
        Directory.CreateDirectory(_temp.Path);
        _temp.Write("a.yaml", Objects.Manifest("a", 1, port: 81));
        var batch = _folder.Read();
        Assert.That((Objects.Text(batch.Upserted), batch.Deleted.Single()), Is.EqualTo(("a:81", Objects.Key("b"))));
        Assert.That(_folder.Diagnostics, Is.Empty);
    }

    [Test]
    public void A_new_file_is_read_twice_because_its_time_proves_nothing_yet()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        var written = File.GetLastWriteTimeUtc(_temp.At("a.yaml"));
        _temp.Write("a.yaml", Objects.Manifest("a", port: 81));
        File.SetLastWriteTimeUtc(_temp.At("a.yaml"), written);
        Assert.That(Upserted(), Is.EqualTo("a:81"));
    }

    [Test]
    public void An_old_file_of_the_same_size_and_time_is_read_again_if_something_happened_to_it()
    {
        var old = DateTime.UnixEpoch.AddYears(50);
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        File.SetLastWriteTimeUtc(_temp.At("a.yaml"), old);
        Assert.That(Upserted(), Is.EqualTo("a:80"));
        _temp.Write("a.yaml", Objects.Manifest("a", port: 81));
        File.SetLastWriteTimeUtc(_temp.At("a.yaml"), old);
        Assert.That(_folder.Read().IsEmpty, "nothing tells of it");
        _folder.Contents.Distrust(_folder.Path, ["a.yaml", "unknown.yaml"]);
        Assert.That(Upserted(), Is.EqualTo("a:81"));
    }

    [Test]
    public void Of_a_big_folder_only_what_changed_is_read_again()
    {
        var old = DateTime.UnixEpoch.AddYears(50);
        for (var i = 0; i < 500; i++)
        {
            _temp.Write($"{i}.yaml", Objects.Manifest($"s{i}", i));
            File.SetLastWriteTimeUtc(_temp.At($"{i}.yaml"), old);
        }

        Assert.That(_folder.Read().Upserted, Has.Length.EqualTo(500));

        // The access time would tell of a reading, but filesystems do not keep it well; a reading of these would tell something new.
        for (var i = 0; i < 499; i++)
        {
            _temp.Write($"{i}.yaml", Objects.Manifest($"s{i}", i, port: 81));
            File.SetLastWriteTimeUtc(_temp.At($"{i}.yaml"), old);
        }

        _temp.Write("499.yaml", Objects.Manifest("s499", 499, port: 81));
        Assert.That(Upserted(), Is.EqualTo("s499:81"));
    }

    [Test]
    public async Task What_is_being_written_at_the_first_reading_belongs_to_it()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        var writer = new StreamWriter(new FileStream(_temp.At("b.yaml"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite));
        var reading = _folder.ReadSettledAsync(Deadline.Token);
        await Deadline.UntilAsync(() => _time.Waiting == 1, "it waits for the file");
        await writer.WriteAsync(Objects.Manifest("b", 2));
        await writer.DisposeAsync();
        File.Delete(_temp.At("a.yaml"));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        var batch = await reading;
        Assert.That(Objects.Text(batch.Upserted), Is.EqualTo("b:80"), "and what went meanwhile does not");
    }

    [Test]
    public async Task A_file_that_stays_open_does_not_hold_up_the_first_reading_for_ever()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        using var writer = new FileStream(_temp.At("b.yaml"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        var reading = _folder.ReadSettledAsync(Deadline.Token);
        await Deadline.UntilAsync(() => _time.Waiting == 1, "it waits for the file");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(Objects.Text((await reading).Upserted), Is.EqualTo("a:80"));
        Assert.That(_folder.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
    }

    [Test]
    public void What_is_no_regular_file_is_refused_and_never_waited_for()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        _ = File.CreateSymbolicLink(_temp.At("zero.yaml"), "/dev/zero");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [_temp.At("fifo.yaml")]))
            mkfifo.WaitForExit();
        var batch = new ManifestFolder(_temp.Path).Read();
        Assert.That(batch.Upserted.Select(static o => o.Metadata.Name).Distinct(), Is.EqualTo(new[] { "a" }));
        Assert.That(batch.Diagnostics.Select(static d => Path.GetFileName(d.File)).Order(StringComparer.Ordinal), Is.EqualTo(new[] { "fifo.yaml", "zero.yaml" }));
        Assert.That(batch.Diagnostics.Select(static d => d.Reason), Has.All.Contain("it is no regular file"));
    }
}
