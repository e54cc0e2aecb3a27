using System.Collections.Concurrent;
using System.Diagnostics;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Sources;

/// <summary>On real folders and with the real clock: what counts is that the kernel tells.</summary>
internal sealed class ManifestFolderSourceTests
{
    /// <summary>So long that only an event can be the reason that something is seen.</summary>
    private static readonly ManifestFolderOptions s_options = new() { Poll = TimeSpan.FromMinutes(10) };

    private readonly ConcurrentQueue<ObjectBatch> _batches = [];
    private TempFolder _temp = null!;
    private CancellationTokenSource _stop = null!;
    private Task _following = Task.CompletedTask;
    private ManifestFolderSource _source = null!;

    [SetUp]
    public void SetUp() => (_temp, _stop) = (new(), new());

    [TearDown]
    public async Task TearDown()
    {
        await _stop.CancelAsync();
        var start = Stopwatch.GetTimestamp();
        await _following.ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.That(Stopwatch.GetElapsedTime(start).TotalSeconds, Is.LessThan(2), "it ends at once");
        _stop.Dispose();
        _temp.Dispose();
        _batches.Clear();
    }

    /// <summary>The services as they are after all batches so far.</summary>
    private string Now()
    {
        var objects = new Dictionary<ObjectKey, KubernetesObject>();
        foreach (var batch in _batches)
        {
            foreach (var key in batch.Deleted)
                _ = objects.Remove(key);
            foreach (var item in batch.Upserted)
                objects[item.Key] = item;
        }

        return Objects.Text(objects.Values);
    }

    private Task UntilAsync(string services) => Deadline.UntilAsync(() => Now() == services, $"{services} expected, {Now()} found");

    private async Task FollowAsync(string path, string services)
    {
        _source = new(path, s_options);
        _following = FollowAsync();
        await UntilAsync(services);

        async Task FollowAsync()
        {
            await foreach (var batch in _source.WatchAsync(_stop.Token))
                _batches.Enqueue(batch);
        }
    }

    [Test]
    public async Task A_folder_is_followed_by_events()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        await FollowAsync(_temp.Path, "a:80");
        _temp.Write("b.yaml", Objects.Manifest("b", 2));
        await UntilAsync("a:80 b:80");
        _temp.Replace("a.yaml", Objects.Manifest("a", 1, port: 81));
        await UntilAsync("a:81 b:80");
        File.Delete(_temp.At("b.yaml"));
        await UntilAsync("a:81");
        File.Move(_temp.At("a.yaml"), _temp.At("a.bak"));
        await UntilAsync("");
    }

    [Test]
    public async Task A_ConfigMap_is_followed_as_the_kubelet_swaps_it()
    {
        // a.yaml -> ..data/a.yaml, ..data -> ..2024_1; a swap renames a new link over ..data and then removes the old folder.
        string Publish(string name, int port)
        {
            var folder = _temp.At(name);
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "a.yaml"), Objects.Manifest("a", 1, port));
            File.SetLastWriteTimeUtc(Path.Combine(folder, "a.yaml"), DateTime.UnixEpoch.AddYears(50)); // only the event tells
            TempFolder.Swap(_temp.At("..data"), name);
            return folder;
        }

        var old = Publish("..2024_1", 80);
        _ = File.CreateSymbolicLink(_temp.At("a.yaml"), "..data/a.yaml");
        await FollowAsync(_temp.Path, "a:80");
        for (var i = 2; i < 6; i++)
        {
            var next = Publish($"..2024_{i}", 80 + i);
            Directory.Delete(old, recursive: true);
            old = next;
            await UntilAsync($"a:{80 + i}");
        }

        Assert.That(_batches.SelectMany(static b => b.Deleted), Is.Empty, "the object was never gone");
    }

    [Test]
    public async Task A_file_that_is_written_slowly_is_taken_up_when_it_is_closed()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        await FollowAsync(_temp.Path, "a:80");
        using (var writer = new StreamWriter(new FileStream(_temp.At("a.yaml"), FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite)))
        {
            foreach (var line in Objects.Manifest("a", port: 81).Split('\n'))
            {
                await writer.WriteAsync(line + '\n');
                await writer.FlushAsync();
                await Task.Delay(150); // longer than the folder has to be quiet
                Assert.That(Now(), Is.EqualTo("a:80"));
            }
        }

        await UntilAsync("a:81");
        Assert.That(_batches.SelectMany(static b => b.Diagnostics), Is.Empty, "nobody saw half a file");
    }

    [Test]
    public async Task A_burst_is_a_few_steps()
    {
        await FollowAsync(_temp.Path, "");
        await Deadline.UntilAsync(() => _batches.Count == 1, "the initial list, empty");
        for (var i = 0; i < 500; i++)
            _temp.Write($"{i:000}.yaml", Objects.Manifest($"s{i:000}", i));
        await Deadline.UntilAsync(() => _batches.Sum(static b => b.Upserted.Length) == 500, "500 objects");
        Assert.That(_batches, Has.Count.LessThan(10));
    }

    [Test]
    public async Task A_folder_that_is_deleted_and_made_again_is_followed_again()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        await FollowAsync(_temp.Path, "a:80");
        Directory.Delete(_temp.Path, recursive: true);
        await Deadline.UntilAsync(() => !_source.Diagnostics.IsEmpty, "it says that the folder is gone");
        Assert.That(Now(), Is.EqualTo("a:80"));
        Directory.CreateDirectory(_temp.Path);
        _temp.Write("b.yaml", Objects.Manifest("b", 2));
        await UntilAsync("b:80");
        Assert.That(_source.Diagnostics, Is.Empty);
        _temp.Write("b.yaml", Objects.Manifest("b", 2, port: 81));
        await UntilAsync("b:81");
    }

    [Test]
    public async Task A_folder_that_is_replaced_at_once_is_followed_on()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        await FollowAsync(_temp.Path, "a:80");
        Directory.CreateDirectory(_temp["next"]);
        File.WriteAllText(Path.Combine(_temp["next"], "a.yaml"), Objects.Manifest("a", 1, port: 81));
        Directory.Move(_temp.Path, _temp["before"]);
        Directory.Move(_temp["next"], _temp.Path);
        await UntilAsync("a:81");
        _temp.Write("a.yaml", Objects.Manifest("a", 1, port: 82));
        await UntilAsync("a:82");
    }

    [Test]
    public async Task A_folder_that_is_a_link_is_followed_through_swaps()
    {
        var link = _temp["current"];
        foreach (var (name, port) in new[] { ("v1", 80), ("v2", 81), ("v3", 82) })
        {
            Directory.CreateDirectory(_temp[name]);
            File.WriteAllText(Path.Combine(_temp[name], "a.yaml"), Objects.Manifest("a", 1, port));
            File.SetLastWriteTimeUtc(Path.Combine(_temp[name], "a.yaml"), DateTime.UnixEpoch.AddYears(50)); // as in images, whose times are all one
        }

        TempFolder.Swap(link, "v1");
        await FollowAsync(link, "a:80");
        TempFolder.Swap(link, "v2");
        await UntilAsync("a:81");
        TempFolder.Swap(link, "v3");
        await UntilAsync("a:82");
        File.WriteAllText(Path.Combine(_temp["v3"], "a.yaml"), Objects.Manifest("a", 1, port: 83));
        await UntilAsync("a:83");
    }

    [Test]
    public async Task An_edit_that_keeps_size_and_time_is_seen()
    {
        var old = DateTime.UnixEpoch.AddYears(50);
        _temp.Write("a.yaml", Objects.Manifest("a", port: 80));
        File.SetLastWriteTimeUtc(_temp.At("a.yaml"), old);
        await FollowAsync(_temp.Path, "a:80");
        var next = _temp["next.yaml"];
        File.WriteAllText(next, Objects.Manifest("a", port: 81));
        File.SetLastWriteTimeUtc(next, old);
        File.Move(next, _temp.At("a.yaml"), overwrite: true);
        await UntilAsync("a:81");
    }

    [Test]
    public async Task A_mistake_keeps_the_last_good_state_and_shows_until_it_is_mended()
    {
        _temp.Write("a.yaml", Objects.Manifest("a", 1));
        await FollowAsync(_temp.Path, "a:80");
        _temp.Write("a.yaml", Objects.Manifest("a", 1, port: 70000) + "---\n" + Objects.Manifest("b", 2));
        await UntilAsync("a:80 b:80");
        Assert.That(_source.Diagnostics.Single().Field, Is.EqualTo("spec.ports[0].port"));
        _temp.Write("a.yaml", Objects.Manifest("a", 1, port: 81) + "---\n" + Objects.Manifest("b", 2));
        await UntilAsync("a:81 b:80");
        await Deadline.UntilAsync(() => _source.Diagnostics.IsEmpty, "mended");
    }

    [Test]
    public void A_folder_that_does_not_exist_is_told_at_once() => Assert.That(
        () => new ManifestFolderSource(_temp["nowhere"]),
        Throws.TypeOf<DirectoryNotFoundException>().With.Message.EqualTo($"the folder of manifests '{_temp["nowhere"]}' does not exist"));
}
